package io.outboxrelay.debeziumformat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.outboxrelay.outbox.FurtherColumns;
import io.outboxrelay.outbox.OutboxColumn;
import io.outboxrelay.publish.ColumnType;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The encoder gives the topic, key, value and headers that a real Debezium Server gave for the same
 * rows, with the configuration that the command {@code import} makes of the server's.
 */
class RecordedMessagesTest {
  static List<RouterCase> cases() {
    return RouterCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void messagesAreThoseOfDebezium(RouterCase router) throws IOException {
    var comparison = new MessageComparison(router);
    var types = RecordedCase.types(router.name());

    for (var row : RecordedCase.read(router.name()).getJsonArray("rows")) {
      comparison.compare(event((JsonObject) row, comparison.format(), types));
    }

    comparison.end();
  }

  /** Makes the event that the outbox makes of the row. */
  private static OutboxEvent event(
      JsonObject row, DebeziumFormat format, Map<String, ColumnType> types) {
    var columns = format.columns();
    var headers = new HashMap<String, String>();
    for (String name : columns.further().names()) {
      if (row.getString(name) != null) {
        headers.put(name, row.getString(name));
      }
    }
    String id = row.getString(columns.required(OutboxColumn.ID));
    String key = row.getString(columns.required(OutboxColumn.AGGREGATE_ID));
    if (key == null) {
      headers.put(FurtherColumns.NO_KEY, "true");
    }
    String payload = columns.required(OutboxColumn.PAYLOAD);
    return OutboxEvent.builder(1, columns.idType().uuid(id))
        .aggregate(
            row.getString(columns.required(OutboxColumn.AGGREGATE_TYPE)), key == null ? id : key)
        .type(row.getString(columns.required(OutboxColumn.EVENT_TYPE)))
        .payload(bytes(row.getString(payload), requireNonNull(types.get(payload))), "")
        .headers(headers)
        .columnTypes(types)
        .build();
  }

  private static @Nullable Buffer bytes(@Nullable String text, ColumnType type) {
    if (text == null) {
      return null;
    }
    return type.sql().equals("bytea")
        ? Buffer.buffer(HexFormat.of().parseHex(text.substring(2)))
        : Buffer.buffer(text.getBytes(UTF_8));
  }
}
