package io.outboxrelay.rabbitmq;

import io.cloudevents.CloudEventData;
import io.cloudevents.SpecVersion;
import io.cloudevents.core.format.EventFormat;
import io.cloudevents.core.message.MessageWriter;
import io.cloudevents.core.v1.CloudEventV1;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Collects the attributes of one CloudEvent as headers of a message. */
final class CloudEventWriter
    implements MessageWriter<CloudEventWriter, MessageContent>,
        io.cloudevents.rw.CloudEventWriter<MessageContent> {
  private final OutboxEvent event;
  private final String prefix;
  private final Map<String, Object> headers;
  private @Nullable String contentType;

  /**
   * @param prefix the beginning of the names of the headers that hold attributes
   * @param headers the other headers of the message, to which the attributes are added
   */
  CloudEventWriter(OutboxEvent event, String prefix, Map<String, Object> headers) {
    this.event = event;
    this.prefix = prefix;
    this.headers = headers;
  }

  @Override
  public CloudEventWriter create(SpecVersion version) {
    return withContextAttribute(CloudEventV1.SPECVERSION, version.toString());
  }

  @Override
  public CloudEventWriter withContextAttribute(String name, String value) {
    if (name.equals(CloudEventV1.DATACONTENTTYPE)) {
      contentType = value;
    } else {
      headers.put(prefix + name, value);
    }
    return this;
  }

  /**
   * Returns the message content. Ignores {@code data}, because the event's own buffer becomes the
   * body, so that it is not copied.
   */
  @Override
  public MessageContent end(CloudEventData data) {
    return end();
  }

  @Override
  public MessageContent end() {
    return new MessageContent(
        contentType, headers, Objects.requireNonNullElse(event.payload(), MessageFactory.EMPTY));
  }

  @Override
  public MessageContent setEvent(EventFormat format, byte[] body) {
    return new MessageContent(format.serializedContentType(), headers, Buffer.buffer(body));
  }
}
