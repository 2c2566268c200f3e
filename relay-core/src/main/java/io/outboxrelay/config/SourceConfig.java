package io.outboxrelay.config;

import io.outboxrelay.doorbell.DoorbellConfig;
import io.outboxrelay.doorbell.WakeupMode;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.source.LogConfig;
import io.outboxrelay.source.SourceMode;

/**
 * How new events are noticed and read.
 *
 * @param doorbell how the relay is woken when there are new events
 * @param log from which source events are read
 */
public record SourceConfig(DoorbellConfig doorbell, LogConfig log) {

  /**
   * Reads the settings. If {@code relay.source} is {@code log}, the default of {@code relay.wakeup}
   * is polling. The table is then read only in exceptional cases, so the outbox needs no trigger
   * that rings.
   */
  static SourceConfig from(Settings in) {
    var log = LogConfig.from(in);
    var wakeup = log.mode() == SourceMode.LOG ? WakeupMode.POLL : WakeupMode.DOORBELL;
    return new SourceConfig(DoorbellConfig.from(in, wakeup), log);
  }
}
