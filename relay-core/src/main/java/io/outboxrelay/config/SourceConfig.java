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
   * If the log is chosen, the table is read in exceptional cases only, so writers need no trigger.
   */
  static SourceConfig from(Settings in) {
    var log = LogConfig.from(in);
    var wakeup = log.mode() == SourceMode.LOG ? WakeupMode.POLL : WakeupMode.DOORBELL;
    return new SourceConfig(DoorbellConfig.from(in, wakeup), log);
  }
}
