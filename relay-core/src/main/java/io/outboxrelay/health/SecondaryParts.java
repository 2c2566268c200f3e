package io.outboxrelay.health;

import io.outboxrelay.health.HealthReport.Part;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The parts of a process that publishing does not need, such as the HTTP server or tracing: which
 * of them do not run, and why.
 *
 * <p>Such a failure ends nothing. It is told by health and verdict until the part runs. To be used
 * on any thread.
 */
public final class SecondaryParts {
  private final Map<String, String> failures = new ConcurrentSkipListMap<>();

  /**
   * Notes that a part does not run.
   *
   * @param part such as {@code tracing}
   * @param reason without a full stop
   */
  public void fails(String part, String reason) {
    failures.put(part, reason);
  }

  /** Notes that a part runs, if it did not before. */
  public void runs(String part) {
    failures.remove(part);
  }

  /** Those that do not run; none of them makes the relay unwell. */
  public List<Part> parts() {
    return failures.entrySet().stream()
        .map(failure -> Part.secondary(failure.getKey(), failure.getValue()))
        .toList();
  }

  /** A clause of each that does not run, to be added to a verdict. */
  public List<String> clauses() {
    return failures.entrySet().stream()
        .map(failure -> failure.getKey() + " does not run: " + failure.getValue())
        .toList();
  }
}
