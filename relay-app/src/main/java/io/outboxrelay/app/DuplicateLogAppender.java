package io.outboxrelay.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import io.outboxrelay.format.CountFormat;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * Prevents a burst of equal log lines from filling the log. The first line is written at once.
 * Equal lines that follow within the window are held back. At the end of the window, only the last
 * of them is written, with their number.
 *
 * <p>Two lines count as equal if their level is {@code WARN} or higher, and their logger, level,
 * message pattern and destination are equal. At most {@value #MOST} kinds of lines are
 * distinguished at a time. All further lines of a level count as equal, so that many destinations
 * do not produce many lines.
 */
final class DuplicateLogAppender extends AppenderBase<ILoggingEvent> {
  private static final int MOST = 100;

  private final Appender<ILoggingEvent> appender;
  private final Duration window;
  private final Map<Kind, Burst> bursts = new LinkedHashMap<>();

  private record Kind(String logger, Level level, String pattern, @Nullable Object destination) {
    /**
     * Returns the common kind of all lines of a level, for lines beyond the first {@value
     * DuplicateLogAppender#MOST} kinds.
     */
    static Kind further(Level level) {
      return new Kind("", level, "", null);
    }

    boolean isFurther() {
      return logger.isEmpty() && pattern.isEmpty();
    }
  }

  /** The equal lines that were held back since a line of their kind was last written. */
  private static final class Burst {
    int held;
    @Nullable ILoggingEvent last;
  }

  /**
   * @param appender writes the lines
   * @param window the time after a written line in which equal lines are held back
   */
  DuplicateLogAppender(Appender<ILoggingEvent> appender, Duration window) {
    this.appender = appender;
    this.window = window;
  }

  @Override
  protected void append(ILoggingEvent line) {
    if (!line.getLevel().isGreaterOrEqual(Level.WARN) || !isHeld(line)) {
      appender.doAppend(line);
    }
  }

  private boolean isHeld(ILoggingEvent line) {
    var kind = kind(line);
    if (!bursts.containsKey(kind) && bursts.size() >= MOST) {
      kind = Kind.further(line.getLevel());
    }
    var burst = bursts.get(kind);
    if (burst != null) {
      // The line's arguments may change after this method has returned.
      line.prepareForDeferredProcessing();
      burst.held++;
      burst.last = line;
      return true;
    }
    bursts.put(kind, new Burst());
    tellAfter(kind);
    return false;
  }

  private static Kind kind(ILoggingEvent line) {
    return new Kind(
        line.getLoggerName(), line.getLevel(), line.getMessage(), value(line, "destination"));
  }

  private static @Nullable Object value(ILoggingEvent line, String key) {
    var pairs = line.getKeyValuePairs();
    return pairs == null
        ? null
        : pairs.stream()
            .filter(pair -> pair.key.equals(key))
            .map(pair -> pair.value)
            .findFirst()
            .orElse(null);
  }

  private void tellAfter(Kind kind) {
    ScheduledExecutorService timer = getContext().getScheduledExecutorService();
    var unused = timer.schedule(() -> tell(kind), window.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Ends a window. If lines were held back, writes one line for them, and another window begins.
   * Otherwise the burst has ended.
   */
  private synchronized void tell(Kind kind) {
    var burst = bursts.get(kind);
    if (burst == null) {
      return;
    }
    if (burst.held == 0) {
      bursts.remove(kind);
    } else {
      appendCount(kind, burst);
      tellAfter(kind);
    }
  }

  private void appendCount(Kind kind, Burst burst) {
    var last = burst.last;
    if (last != null) {
      appender.doAppend(
          burst.held == 1
              ? last
              : counted(
                  last, burst.held - 1, kind.isFurther() ? "lines of other kinds" : "of the same"));
    }
    burst.held = 0;
    burst.last = null;
  }

  private ILoggingEvent counted(ILoggingEvent last, int more, String of) {
    var line = new LoggingEvent();
    line.setLoggerName(last.getLoggerName());
    line.setLevel(last.getLevel());
    line.setThreadName(last.getThreadName());
    line.setInstant(last.getInstant());
    line.setMDCPropertyMap(last.getMDCPropertyMap());
    line.setMessage(
        "%s (and %s more %s in the last %d s)"
            .formatted(
                PlainText.line(last.getFormattedMessage()),
                CountFormat.of(more),
                of,
                Math.max(1, window.toSeconds())));
    if (last.getKeyValuePairs() != null) {
      last.getKeyValuePairs().forEach(line::addKeyValuePair);
    }
    line.addKeyValuePair(new KeyValuePair("more", more));
    return line;
  }

  /** Writes one line for each kind of lines that are held back. Called before the process ends. */
  @Override
  public synchronized void stop() {
    if (isStarted()) {
      bursts.forEach(this::appendCount);
      bursts.clear();
      super.stop();
      appender.stop();
    }
  }
}
