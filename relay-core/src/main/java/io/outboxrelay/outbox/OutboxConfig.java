package io.outboxrelay.outbox;

import io.outboxrelay.settings.Settings;
import java.time.Duration;

/**
 * Which table is the outbox, and how long its events are kept.
 *
 * @param payload the type {@code init} gives the payload column; a table that is there keeps its
 *     own
 * @param retention how long an event stays after its transaction began; only settled ones go
 * @param cleanUpInterval how often expired events are looked for
 */
public record OutboxConfig(
    String schema,
    String table,
    PayloadType payload,
    Duration retention,
    Duration cleanUpInterval) {

  public static OutboxConfig from(Settings root) {
    var in = root.section("outbox");
    var config =
        new OutboxConfig(
            in.text("schema", "public"),
            in.text("table", "outbox"),
            in.choice("payload", PayloadType.JSONB),
            in.duration("retention", Duration.ofDays(1)),
            in.duration("clean-up-interval", Duration.ofSeconds(10)));
    in.require(!config.schema.isBlank(), "schema", "must not be empty");
    in.require(!config.table.isBlank(), "table", "must not be empty");
    // PostgreSQL cuts identifiers at 63 bytes, and the tables beside the outbox add up to 12.
    in.require(config.table.length() <= 50, "table", "must be at most 50 characters");
    in.require(!config.cleanUpInterval.isZero(), "clean-up-interval", "must be above zero");
    return config;
  }

  public OutboxNames names() {
    return new OutboxNames(schema, table);
  }
}
