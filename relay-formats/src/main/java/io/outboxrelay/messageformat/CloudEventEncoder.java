package io.outboxrelay.messageformat;

import io.cloudevents.CloudEventData;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.MessageWriter;
import io.cloudevents.core.v1.CloudEventV1;
import io.cloudevents.jackson.JsonFormat;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.publish.Template;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * Writes events as CloudEvents 1.0.
 *
 * <p>For one thread.
 */
public final class CloudEventEncoder {
  private final CloudEventsConfig config;
  private final JsonFormat json = new JsonFormat();
  private String sourceText = "";
  private URI source = URI.create("");

  CloudEventEncoder(CloudEventsConfig config) {
    this.config = config;
  }

  /**
   * Writes an event in the binary mode, with its attributes beside the payload.
   *
   * @param contentType the content type of the payload; a content type from the configuration has
   *     priority
   * @throws Rejected if the event cannot be a CloudEvent; the message names the attribute
   */
  public <R> R writeBinary(OutboxEvent event, String contentType, MessageWriter<?, R> writer) {
    var builder = builder(event);
    var payload = event.payload();
    if (payload != null) {
      addData(builder, event, contentType(event, contentType), new PayloadData(payload));
    }
    return writer.writeBinary(builder.build());
  }

  /**
   * Writes an event in the structured mode, as JSON that holds the event's attributes and its
   * payload.
   *
   * @param contentType the content type of the payload; a content type from the configuration has
   *     priority
   * @throws Rejected if the event cannot be a CloudEvent, or if the content type is one of JSON and
   *     the payload is not one JSON value
   */
  public <R> R writeStructured(OutboxEvent event, String contentType, MessageWriter<?, R> writer) {
    var builder = builder(event);
    var payload = event.payload();
    if (payload != null) {
      String type = contentType(event, contentType);
      addData(builder, event, type, dataInJson(event, payload, type));
    }
    return writer.writeStructured(builder.build(), json);
  }

  /**
   * Returns true if an event header of this name does not become an extension of the CloudEvent.
   */
  public boolean isHeader(String name) {
    return !config.headerExtensions() || !AttributeNames.isExtension(name);
  }

  private static CloudEventData dataInJson(OutboxEvent event, Buffer payload, String type) {
    if (!JsonData.isJson(type)) {
      return new PayloadData(payload);
    }
    return JsonData.isJson(event.contentType())
        ? JsonData.verbatim(payload)
        : JsonData.verified(payload, type);
  }

  private CloudEventBuilder builder(OutboxEvent event) {
    var attributes = config.attributes();
    var builder =
        CloudEventBuilder.v1()
            .withId(required(CloudEventV1.ID, attributes.id(), event))
            .withSource(sourceOf(event))
            .withType(required(CloudEventV1.TYPE, attributes.type(), event))
            .withTime(timeOf(event));
    String subject = optional(CloudEventV1.SUBJECT, attributes.subject(), event);
    if (subject != null && !subject.isEmpty()) {
      builder.withSubject(subject);
    }
    addExtensions(builder, event);
    return builder;
  }

  private void addExtensions(CloudEventBuilder builder, OutboxEvent event) {
    if (config.headerExtensions()) {
      event
          .headers()
          .forEach(
              (name, value) -> {
                if (AttributeNames.isExtension(name)) {
                  builder.withExtension(name, AttributeText.checked(name, value));
                }
              });
    }
    config
        .extensions()
        .forEach(
            (name, template) -> {
              String value = optional(name, template, event);
              if (value != null) {
                builder.withExtension(name, value);
              }
            });
  }

  private void addData(
      CloudEventBuilder builder, OutboxEvent event, String contentType, CloudEventData data) {
    builder.withData(contentType, data);
    String schema = optional(CloudEventV1.DATASCHEMA, config.data().schema(), event);
    if (schema != null && !schema.isEmpty()) {
      builder.withDataSchema(uri(CloudEventV1.DATASCHEMA, schema));
    }
  }

  private String contentType(OutboxEvent event, String otherwise) {
    String type = optional(CloudEventV1.DATACONTENTTYPE, config.data().contentType(), event);
    return type == null || type.isEmpty() ? otherwise : type;
  }

  private OffsetDateTime timeOf(OutboxEvent event) {
    String text = config.timeHeader().map(event.headers()::get).orElse(null);
    if (text == null) {
      return event.createdAt().atOffset(ZoneOffset.UTC);
    }
    try {
      return OffsetDateTime.parse(text);
    } catch (DateTimeException e) {
      throw new Rejected(
          "its CloudEvents attribute time is \"%s\" (the header %s), and a time as in RFC 3339 was expected, such as 2024-02-29T12:34:56Z"
              .formatted(text, config.timeHeader().orElse("")),
          e);
    }
  }

  /**
   * Returns the source of an event as a URI. Parses it only if it differs from the source of the
   * previous event, because consecutive events share it.
   */
  private URI sourceOf(OutboxEvent event) {
    String text = required(CloudEventV1.SOURCE, config.attributes().source(), event);
    if (!text.equals(sourceText)) {
      source = uri(CloudEventV1.SOURCE, text);
      sourceText = text;
    }
    return source;
  }

  private static URI uri(String attribute, String text) {
    try {
      return UriReference.parse(text);
    } catch (URISyntaxException e) {
      throw new Rejected(
          "its CloudEvents attribute %s is \"%s\", which is not a URI: %s"
              .formatted(attribute, text, e.getReason()),
          e);
    }
  }

  private static String required(String attribute, Template template, OutboxEvent event) {
    String text = optional(attribute, template, event);
    if (text == null) {
      throw new Rejected(
          "its CloudEvents attribute %s is %s, which names a header that the event does not have"
              .formatted(attribute, template),
          null);
    }
    if (text.isEmpty()) {
      throw new Rejected(
          "its CloudEvents attribute %s is empty (%s), and CloudEvents needs it"
              .formatted(attribute, template),
          null);
    }
    return text;
  }

  private static @Nullable String optional(String attribute, Template template, OutboxEvent event) {
    String text = template.ifComplete(event);
    return text == null ? null : AttributeText.checked(attribute, text);
  }
}
