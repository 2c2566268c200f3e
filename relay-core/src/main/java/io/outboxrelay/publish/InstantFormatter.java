package io.outboxrelay.publish;

import java.time.Instant;

/**
 * Writes times as {@link Instant#toString} does, ISO 8601 in UTC, at a fraction of its cost: events
 * of the same second share all but its fraction, and those of one transaction all of it.
 *
 * <p>For one thread.
 */
public final class InstantFormatter {
  private long second = Long.MIN_VALUE;
  private String upToSecond = "";
  private Instant last = Instant.MIN;
  private String text = last.toString();

  /** The text of one time. */
  public String of(Instant time) {
    if (!time.equals(last)) {
      last = time;
      text = written(time);
    }
    return text;
  }

  private String written(Instant time) {
    if (time.getEpochSecond() != second) {
      second = time.getEpochSecond();
      String whole = Instant.ofEpochSecond(second).toString();
      upToSecond = whole.substring(0, whole.length() - 1);
    }
    int nanos = time.getNano();
    return nanos == 0 ? upToSecond + 'Z' : withFraction(nanos);
  }

  private String withFraction(int nanos) {
    var text = new StringBuilder(upToSecond.length() + 11).append(upToSecond);
    // The leading one keeps the zeros behind it, and gives its place to the point.
    if (nanos % 1_000_000 == 0) {
      text.append(1_000 + nanos / 1_000_000);
    } else if (nanos % 1_000 == 0) {
      text.append(1_000_000 + nanos / 1_000);
    } else {
      text.append(1_000_000_000 + nanos);
    }
    text.setCharAt(upToSecond.length(), '.');
    return text.append('Z').toString();
  }
}
