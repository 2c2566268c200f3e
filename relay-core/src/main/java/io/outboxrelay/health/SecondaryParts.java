package io.outboxrelay.health;

import io.outboxrelay.health.HealthReport.Part;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Records failures of the parts of the process that publishing does not need, such as the HTTP
 * server or tracing.
 *
 * <p>If such a part fails, the relay still publishes. Health and status report the failure until
 * the part runs. Safe for all threads.
 */
public final class SecondaryParts {
  private final Map<String, String> failures = new ConcurrentSkipListMap<>();

  /**
   * Records that a part does not run.
   *
   * @param part the name of the part, such as {@code tracing}
   * @param reason the reason, without a full stop
   */
  public void fails(String part, String reason) {
    failures.put(part, reason);
  }

  /** Records that a part runs. */
  public void runs(String part) {
    failures.remove(part);
  }

  /** Returns the parts that do not run. None of them is needed, so the relay stays well. */
  public List<Part> parts() {
    return failures.entrySet().stream()
        .map(failure -> Part.secondary(failure.getKey(), failure.getValue()))
        .toList();
  }

  /** Returns a clause for each part that does not run, to be added to the status. */
  public List<String> clauses() {
    return failures.entrySet().stream()
        .map(failure -> failure.getKey() + " does not run: " + failure.getValue())
        .toList();
  }
}
