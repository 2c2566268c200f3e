package io.outboxrelay.publish;

import java.time.Instant;

/**
 * Formats times as {@link Instant#toString} does, as ISO 8601 in UTC, but faster: it keeps the text
 * of the last time and of the last second, because consecutive events often have the same time or
 * second.
 *
 * <p>Not thread-safe: use it from one thread only.
 */
public final class InstantFormatter {
  private long second = Long.MIN_VALUE;
  private String upToSecond = "";
  private Instant last = Instant.MIN;
  private String text = last.toString();

  /** Returns the text of one time. */
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
    // The leading 1 keeps the zeros behind it, and is then replaced by the decimal point.
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
