package io.outboxrelay.source;

import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.wal.LogFailure;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Logs and counts each change of the source, with its reason. */
final class SourceChanges {
  private static final Logger LOG = LoggerFactory.getLogger(SourceChanges.class);

  /**
   * A sentence that the message contains in the mode {@code auto} only. In the mode {@code log},
   * the operator knows the gain.
   */
  private static final String GAIN =
      "With the log, events arrive without waiting for a look at the table. ";

  private final ShardKey share;
  private final SourceRecorder recorder;
  private @Nullable LogFailure told;

  SourceChanges(ShardKey share, SourceRecorder recorder) {
    this.share = share;
    this.recorder = recorder;
  }

  /**
   * Records that the log is read. The message names the slot, because operators see the slot on the
   * server.
   */
  void toLog(String slot, SlotKind kind) {
    told = null;
    recorder.readsLog();
    LOG.atInfo()
        .addKeyValue("shard", share.shard())
        .log(
            "{} is read from the write-ahead log now, from the {} replication slot {}",
            share,
            kind.name().toLowerCase(Locale.ROOT),
            slot);
  }

  void toTable(LogFailure why, Duration wait) {
    told = why;
    recorder.readsTable(why.reason().label(), why.advice());
    LOG.atWarn()
        .addKeyValue("shard", share.shard())
        .log(
            "{} is read from the table now and nothing is lost, because the write-ahead log cannot"
                + " be used: {}. The relay tries again in {} s",
            share,
            why.advice(),
            seconds(wait));
  }

  /**
   * Records that the table is still read. Nothing is logged if the previous failure had the same
   * reason and remedy.
   *
   * @param isDemanded true if the configuration asks for the log
   */
  void staysOnTable(LogFailure why, Duration wait, boolean isDemanded) {
    recorder.readsTable(why.reason().label(), why.advice());
    if (!isTold(why)) {
      told = why;
      LOG.atLevel(isDemanded ? Level.WARN : Level.INFO)
          .addKeyValue("shard", share.shard())
          .log(
              "{} is read from the table, because the write-ahead log cannot be used: {}. {}The"
                  + " relay tries again in {} s",
              share,
              why.advice(),
              isDemanded ? "" : GAIN,
              seconds(wait));
    }
  }

  /**
   * Logs that a permanent slot is dropped while the table is read, so that the log that it holds
   * back does not fill the disk.
   */
  void dropsUnread(String slot, String overBudget) {
    LOG.atWarn()
        .addKeyValue("shard", share.shard())
        .log(
            "{} is read from the table, and its permanent replication slot {} is dropped: {}",
            share,
            slot,
            overBudget);
  }

  private static long seconds(Duration wait) {
    return wait.plusMillis(999).toSeconds();
  }

  private boolean isTold(LogFailure why) {
    var before = told;
    return before != null
        && before.reason() == why.reason()
        && before.remedy().equals(why.remedy());
  }
}
