package io.outboxrelay.debeziumformat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.outboxrelay.debezium.Converter;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.jspecify.annotations.Nullable;

/**
 * Writes keys, values or headers with a converter of Kafka Connect.
 *
 * <p>For one thread.
 */
interface PartConverter {
  /** Returns the bytes of the value; null if nothing is written, as for a tombstone. */
  @Nullable Buffer write(@Nullable Schema schema, @Nullable Object value);

  /**
   * @param type the part of the message: {@code key}, {@code value} or {@code header}
   */
  static PartConverter of(Converter converter, String type) {
    return switch (converter) {
      case JSON, JSON_WITHOUT_SCHEMAS -> new JsonPart(converter == Converter.JSON, type);
      case STRING -> type.equals("header") ? simpleHeader() : PartConverter::text;
      case BINARY -> PartConverter::text;
    };
  }

  private static PartConverter simpleHeader() {
    var simple = new SimpleHeaderConverter();
    return (schema, value) -> {
      byte[] bytes = simple.fromConnectHeader("", "", schema, value);
      return bytes == null ? null : Buffer.buffer(bytes);
    };
  }

  /**
   * Returns the value as text; null if it is null. Bytes are returned unchanged, although Debezium
   * writes the name of a Java class for them, because no consumer can read that.
   */
  private static @Nullable Buffer text(@Nullable Schema schema, @Nullable Object value) {
    if (value instanceof ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.duplicate().get(copy);
      return Buffer.buffer(copy);
    }
    return value == null ? null : Buffer.buffer(value.toString().getBytes(UTF_8));
  }
}
