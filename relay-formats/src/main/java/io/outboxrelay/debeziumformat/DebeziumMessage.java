package io.outboxrelay.debeziumformat;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a message besides its topic.
 *
 * @param key null if the row has no key
 * @param value null for a tombstone
 * @param partition the number of the partition; null if the key decides it
 * @param timestamp milliseconds since 1970; null if no column has it
 */
public record DebeziumMessage(
    @Nullable Buffer key,
    @Nullable Buffer value,
    List<Header> headers,
    @Nullable Integer partition,
    @Nullable Long timestamp) {

  /**
   * One header.
   *
   * @param value null if the converter writes none
   */
  public record Header(String name, @Nullable Buffer value) {}

  public DebeziumMessage {
    headers = List.copyOf(headers);
  }
}
