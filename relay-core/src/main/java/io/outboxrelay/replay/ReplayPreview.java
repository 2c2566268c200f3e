package io.outboxrelay.replay;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.format.TimestampFormat;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * The number of events that a replay would publish or leave out.
 *
 * @param matched events that the replay would publish
 * @param first the lowest sequence number of the events that the filter selects; 0 if there are
 *     none
 * @param last the highest sequence number of the events that the filter selects; 0 if there are
 *     none
 * @param leftOut events that the filter selects and the replay would leave out
 * @param oldest the time of the oldest event in the outbox; null if the outbox is empty
 * @param cut true if the filter includes times from which the clean-up has removed events
 */
public record ReplayPreview(
    long matched,
    long first,
    long last,
    LeftOutEvents leftOut,
    @Nullable OffsetDateTime oldest,
    boolean cut) {

  /** Returns additional information for the operator; empty if there is none. */
  public String remark() {
    var remark = new StringBuilder();
    if (cut && oldest != null) {
      remark.append(
          "no event from before %s is left, because published events are kept for outbox.retention only"
              .formatted(TimestampFormat.of(oldest)));
    }
    if (!leftOut.isEmpty()) {
      remark
          .append(remark.isEmpty() ? "" : "; ")
          .append(
              "left out, unless their state changes before the replay: %s that still wait to be delivered, %s in the dead letters"
                  .formatted(
                      CountFormat.of(leftOut.waiting()), CountFormat.of(leftOut.deadLetters())));
    }
    return remark.toString();
  }
}
