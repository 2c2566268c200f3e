package io.outboxrelay.connect;

import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * The record of one event. When the record is confirmed, Connect passes this object back to the
 * task, even if transforms have changed or dropped the record.
 */
final class OutboxRecord extends SourceRecord {
  private final Confirm confirm;

  /** The page of the event, and the counter of the confirms to which the page belongs. */
  record Confirm(PageConfirms confirms, PageConfirms.Pending page) {}

  /**
   * The position of an event, as Connect stores it.
   *
   * @param partition the key under which Connect stores the offset
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
