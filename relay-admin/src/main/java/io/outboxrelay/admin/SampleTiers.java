package io.outboxrelay.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the samples of the last 25 hours in limited memory, about 380 kB. The samples of the last
 * hour are kept as they were measured. In addition, samples of a minute each are kept for the whole
 * time.
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
   * Returns the samples after {@code since}, oldest first; samples of a minute are returned only
   * for the time before the first sample that is kept as it was measured.
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
