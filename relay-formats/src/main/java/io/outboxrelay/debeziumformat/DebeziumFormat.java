package io.outboxrelay.debeziumformat;

import io.outboxrelay.debezium.EventRouterConfig;
import io.outboxrelay.outbox.OutboxColumns;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.settings.Settings;
import java.util.Optional;

/**
 * The format of messages for a table with the layout of Debezium's outbox event router.
 *
 * @param schema the schema of the table, unquoted
 * @param table the name of the table, unquoted
 */
public record DebeziumFormat(
    EventRouterConfig router, OutboxColumns columns, String schema, String table) {

  /** Returns the format if {@code outbox.layout} is {@code debezium}; empty otherwise. */
  public static Optional<DebeziumFormat> from(Settings root) {
    var outbox = OutboxConfig.from(root);
    return outbox
        .columns()
        .further()
        .router()
        .map(
            router ->
                new DebeziumFormat(router, outbox.columns(), outbox.schema(), outbox.table()));
  }

  /** Returns an encoder for one thread. */
  public DebeziumEncoder newEncoder() {
    return new DebeziumEncoder(this);
  }
}
