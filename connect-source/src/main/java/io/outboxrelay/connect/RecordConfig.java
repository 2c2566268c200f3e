package io.outboxrelay.connect;

import io.outboxrelay.publish.Template;
import io.outboxrelay.settings.Settings;
import java.util.Optional;

/**
 * The settings for the record of an event. Settings of the section {@code kafka} have the same
 * meaning in the relay.
 *
 * @param topic the template of an event's topic
 * @param topicHeader the event header that overrides the topic, if the event has it
 * @param contentType the content type of every payload; if empty, the column's type decides
 * @param timestamp the source of a record's timestamp
 * @param key the Connect type of the key
 * @param value the Connect type of the value
 */
record RecordConfig(
    Template topic,
    Optional<String> topicHeader,
    Optional<String> contentType,
    RecordTimestamp timestamp,
    RecordFormat key,
    RecordFormat value) {

  static RecordConfig from(Settings root) {
    var kafka = root.section("kafka");
    var record = root.section("record");
    return new RecordConfig(
        kafka.template("topic", Template::parse, ConnectorConfigDef.TOPIC),
        kafka.optionalText("topic-header"),
        kafka.optionalText("content-type"),
        kafka.choice("timestamp", RecordTimestamp.EVENT),
        record.choice("key-format", RecordFormat.STRING),
        record.choice("value-format", RecordFormat.BYTES));
  }

  /** Returns a description, in one line, of the topics to which events are published. */
  String route() {
    return "topic "
        + topicHeader.map(header -> "in header " + header + ", otherwise ").orElse("")
        + topic;
  }
}
