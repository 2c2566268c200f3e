package io.outboxrelay.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps samples in bounded memory: those of the last hour as measured, and those of the last 25
 * hours in steps of a minute. About 380 kB when full.
 */
final class SampleTiers {
  static final Duration FINE_FOR = Duration.ofHours(1);
  static final Duration COARSE_FOR = Duration.ofHours(25);
  private static final Duration STEP = Duration.ofMinutes(1);

  private final Deque<StoredSample> fine = new ArrayDeque<>();
  private final Deque<StoredSample> coarse = new ArrayDeque<>();
  private @Nullable MetricsSample minute;

  void add(MetricsSample sample) {
    fine.add(sample.toStored());
    minute = minute == null ? sample : minute.plus(sample);
    if (minute.seconds() >= STEP.toSeconds()) {
      coarse.add(minute.toStored());
      minute = null;
    }
    forget(fine, sample.at().minus(FINE_FOR));
    forget(coarse, sample.at().minus(COARSE_FOR));
  }

  private static void forget(Deque<StoredSample> samples, Instant before) {
    while (!samples.isEmpty() && samples.element().at().isBefore(before)) {
      samples.remove();
    }
  }

  /**
   * Returns the samples after {@code since}, oldest first; coarse samples are returned only for the
   * time before the fine ones.
   */
  List<StoredSample> since(Instant since) {
    var stored = new ArrayList<StoredSample>();
    var fineFrom = fine.isEmpty() ? Instant.MAX : fine.element().at();
    for (var sample : coarse) {
      if (sample.at().isAfter(since) && sample.at().isBefore(fineFrom)) {
        stored.add(sample);
      }
    }
    for (var sample : fine) {
      if (sample.at().isAfter(since)) {
        stored.add(sample);
      }
    }
    return stored;
  }

  /** Returns the number of kept samples. */
  int size() {
    return fine.size() + coarse.size();
  }
}
