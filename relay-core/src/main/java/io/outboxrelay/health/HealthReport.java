package io.outboxrelay.health;

import java.util.List;

/**
 * The answer to one health question, such as liveness or readiness, part by part.
 *
 * @param parts at least one
 */
public record HealthReport(List<Part> parts) {
  /**
   * The health of one part.
   *
   * @param why a clause with the reason, such as {@code it leads shard 0}; present even if the part
   *     is well
   * @param needed true if publishing needs the part
   */
  public record Part(String name, boolean well, String why, boolean needed) {
    public Part(String name, boolean well, String why) {
      this(name, well, why, true);
    }

    /** Creates a part that does not run and that publishing does not need. */
    static Part secondary(String name, String reason) {
      return new Part(name, false, reason + "; publishing is not affected", false);
    }
  }

  /** Returns true if every part that publishing needs is well. */
  public boolean isWell() {
    return parts.stream().allMatch(part -> part.well || !part.needed);
  }
}
