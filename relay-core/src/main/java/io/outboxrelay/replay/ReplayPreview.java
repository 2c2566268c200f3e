package io.outboxrelay.replay;

import java.time.OffsetDateTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the outbox holds of an excerpt.
 *
 * @param matched events that a replay would send
 * @param waiting those it would leave out, as they still wait to be delivered at all
 * @param deadLetters those it would leave out, as they stand in the dead letters
 * @param oldest the time of the oldest event that is left; null where none is
 * @param cut whether the excerpt reaches back to what the clean-up has removed
 */
public record ReplayPreview(
    long matched, long waiting, long deadLetters, @Nullable OffsetDateTime oldest, boolean cut) {

  /** What whoever asks should know beside; empty where there is nothing. */
  public String remark() {
    var remark = new StringBuilder();
    if (cut && oldest != null) {
      remark.append(
          "nothing from before %s is left, as published events are kept for outbox.retention only"
              .formatted(oldest.toInstant()));
    }
    if (waiting + deadLetters > 0) {
      remark
          .append(remark.isEmpty() ? "" : "; ")
          .append(
              String.format(
                  Locale.ROOT,
                  "left out, unless that has changed by then: %,d that still wait to be delivered,"
                      + " %,d in the dead letters",
                  waiting,
                  deadLetters));
    }
    return remark.toString();
  }
}
