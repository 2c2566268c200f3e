package io.outboxrelay.outbox;

import io.outboxrelay.settings.Settings;
import java.time.Duration;

/**
 * The settings of the section {@code outbox}: the table, and how long its events are kept.
 *
 * @param columns the columns of the table
 * @param payload the type that {@code init} gives the payload column; an existing table keeps its
 *     own
 * @param retention how long an event is kept after its transaction began; an unconfirmed event is
 *     kept longer
 * @param cleanUpInterval the time between two searches for expired events
 */
public record OutboxConfig(
    String schema,
    String table,
    OutboxColumns columns,
    PayloadType payload,
    Duration retention,
    Duration cleanUpInterval) {

  public static OutboxConfig from(Settings root) {
    var in = root.section("outbox");
    String table = in.text("table", "outbox");
    var config =
        new OutboxConfig(
            in.text("schema", "public"),
            table,
            OutboxColumns.from(in, in.choice("layout", OutboxLayout.RELAY), table),
            in.choice("payload", PayloadType.JSONB),
            in.duration("retention", Duration.ofDays(1)),
            in.duration("clean-up-interval", Duration.ofSeconds(10)));
    in.require(!config.schema.isBlank(), "schema", "must not be empty");
    in.require(!config.table.isBlank(), "table", "must not be empty");
    // PostgreSQL cuts an identifier after 63 bytes, and the names of the other tables are up to 12
    // bytes longer than this one.
    in.require(config.table.length() <= 50, "table", "must be at most 50 characters");
    in.require(!config.cleanUpInterval.isZero(), "clean-up-interval", "must be above zero");
    return config;
  }

  public OutboxNames names() {
    return new OutboxNames(schema, table, columns);
  }
}
