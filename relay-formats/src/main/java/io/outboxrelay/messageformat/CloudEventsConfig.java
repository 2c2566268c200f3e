package io.outboxrelay.messageformat;

import io.outboxrelay.publish.Template;
import io.outboxrelay.settings.Settings;
import java.util.Map;
import java.util.Optional;

/**
 * The section {@code cloudevents} of a broker: how events become CloudEvents.
 *
 * @param attributes the attributes that identify the event
 * @param timeHeader the event header with the time; if the event lacks it, the start of its
 *     transaction is the time
 * @param data the attributes that describe the payload
 * @param extensions the extension attributes by name
 * @param headerExtensions true if every event header with a valid extension name becomes an
 *     extension
 */
record CloudEventsConfig(
    Attributes attributes,
    Optional<String> timeHeader,
    Data data,
    Map<String, Template> extensions,
    boolean headerExtensions) {

  /** The templates of the attributes that identify the event; an empty subject is left out. */
  record Attributes(Template id, Template source, Template type, Template subject) {
    private static Attributes from(Settings in) {
      return new Attributes(
          required(in, "id", "${id}"),
          required(in, "source", "/${aggregate_type}"),
          required(in, "type", "${event_type}"),
          in.template("subject", Template::parse, "${aggregate_id}"));
    }

    private static Template required(Settings in, String key, String orElse) {
      var template = in.template(key, Template::parse, orElse);
      in.require(!template.toString().isEmpty(), key, "must not be empty: CloudEvents needs it");
      return template;
    }
  }

  /**
   * The templates of the attributes that describe the payload.
   *
   * @param contentType the content type; if the result is empty, or the template names a header
   *     that the event lacks, the content type of the payload is used
   * @param schema the data schema; if the result is empty, or the template names a header that the
   *     event lacks, the CloudEvent has no such attribute
   */
  record Data(Template contentType, Template schema) {
    private static Data from(Settings in) {
      return new Data(
          in.template("data-content-type", Template::parse, ""),
          in.template("data-schema", Template::parse, ""));
    }
  }

  static CloudEventsConfig from(Settings in) {
    var config =
        new CloudEventsConfig(
            Attributes.from(in),
            in.optionalText("time-header"),
            Data.from(in),
            in.section("extensions").templates(Template::parse),
            in.flag("header-extensions", false));
    config.check(in);
    return config;
  }

  private void check(Settings in) {
    requireUri(in, "source", attributes.source);
    requireUri(in, "data-schema", data.schema);
    for (var name : extensions.keySet()) {
      in.require(
          AttributeNames.isExtension(name),
          "extensions." + name,
          "is not the name of a CloudEvents extension: lower-case letters and digits, and none of "
              + String.join(", ", AttributeNames.RESERVED));
    }
  }

  /** Records a mistake if the text of the template cannot become a URI for any event. */
  private static void requireUri(Settings in, String key, Template template) {
    in.require(
        !template.isConstant() || UriReference.isValid(template.toString()),
        key,
        "is not a URI or a relative reference, such as https://example.com/orders or /orders");
  }
}
