package io.outboxrelay.messageformat;

import io.cloudevents.CloudEventData;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.format.EventFormat;
import io.cloudevents.core.message.MessageWriter;
import io.cloudevents.rw.CloudEventWriter;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A CloudEvent as the encoder passes it to a broker module.
 *
 * @param attributes the attributes by name, and the content type of the body as {@code
 *     content-type}
 * @param body null if the event has no data
 */
record WrittenCloudEvent(Map<String, String> attributes, @Nullable Buffer body) {

  /** Keeps the event in memory. */
  static final class Writer
      implements MessageWriter<Writer, WrittenCloudEvent>, CloudEventWriter<WrittenCloudEvent> {
    private final Map<String, String> attributes = new TreeMap<>();

    @Override
    public Writer create(SpecVersion version) {
      return withContextAttribute("specversion", version.toString());
    }

    @Override
    public Writer withContextAttribute(String name, String value) {
      attributes.put(name, value);
      return this;
    }

    @Override
    public WrittenCloudEvent end(CloudEventData data) {
      return new WrittenCloudEvent(attributes, Buffer.buffer(data.toBytes()));
    }

    @Override
    public WrittenCloudEvent end() {
      return new WrittenCloudEvent(attributes, null);
    }

    @Override
    public WrittenCloudEvent setEvent(EventFormat format, byte[] value) {
      attributes.put("content-type", format.serializedContentType());
      return new WrittenCloudEvent(attributes, Buffer.buffer(value));
    }
  }
}
