package io.outboxrelay.source;

import io.outboxrelay.settings.Settings;

/**
 * The settings that decide from which source events are read.
 *
 * @param mode the source to use
 * @param budget the most bytes of the log that the server may have to keep for one shard's slot;
 *     above it, the relay drops the slot and reads the table
 * @param slot the kind of slot: one that ends with the relay's connection, or one that outlives the
 *     relay
 */
public record LogConfig(SourceMode mode, long budget, SlotKind slot) {
  public static LogConfig from(Settings in) {
    var config =
        new LogConfig(
            in.choice("source", SourceMode.TABLE),
            in.size("log.budget", 1L << 30),
            in.choice("log.slot", SlotKind.TEMPORARY));
    in.require(config.budget >= 32L << 20, "log.budget", "must be at least 32MiB");
    return config;
  }

  /** Returns true if slots may exist while no relay runs. */
  public boolean keepsSlots() {
    return mode != SourceMode.TABLE && slot == SlotKind.PERMANENT;
  }
}
