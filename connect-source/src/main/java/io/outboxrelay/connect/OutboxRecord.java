package io.outboxrelay.connect;

import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * The record of one event. Connect returns this object to the task when the record is confirmed,
 * also if transforms have changed or dropped it.
 */
final class OutboxRecord extends SourceRecord {
  private final Confirm confirm;

  /** The counter of a page's confirms. */
  record Confirm(PageConfirms confirms, PageConfirms.Pending page) {}

  /**
   * The position of an event, as Connect stores it.
   *
   * @param offset the position after the event, from which a task continues
   */
  record Source(Map<String, ?> partition, Map<String, ?> offset, Confirm confirm) {}

  /** A key or value with its schema. */
  record Data(Schema schema, @Nullable Object value) {}

  OutboxRecord(
      Source source,
      String topic,
      Data key,
      Data value,
      @Nullable Long timestamp,
      Iterable<Header> headers) {
    super(
        source.partition,
        source.offset,
        topic,
        null,
        key.schema,
        key.value,
        value.schema,
        value.value,
        timestamp,
        headers);
    this.confirm = source.confirm;
  }

  /** Records that Kafka has confirmed the event. */
  void confirm() {
    confirm.confirms.confirm(confirm.page);
  }
}
