package io.outboxrelay.replay;

import java.time.OffsetDateTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The number of events that a replay would publish or leave out.
 *
 * @param matched events that the replay would publish
 * @param waiting events that it would leave out because they are not delivered yet
 * @param deadLetters events that it would leave out because they are dead letters
 * @param oldest the time of the oldest event in the outbox; null if there is none
 * @param cut true if the filter includes a time from which the clean-up has removed events
 */
public record ReplayPreview(
    long matched, long waiting, long deadLetters, @Nullable OffsetDateTime oldest, boolean cut) {

  /** Returns additional information for the operator; empty if there is none. */
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
