package io.outboxrelay.health;

import java.util.List;

/**
 * How well the relay is in one respect, part by part.
 *
 * @param parts at least one
 */
public record HealthReport(List<Part> parts) {
  /**
   * One part, and how it is in a sentence, also where it is well.
   *
   * @param why such as {@code it leads shard 0}
   * @param needed whether the relay is unwell without it
   */
  public record Part(String name, boolean well, String why, boolean needed) {
    public Part(String name, boolean well, String why) {
      this(name, well, why, true);
    }

    /** One that does not run, and that publishing does not need. */
    static Part secondary(String name, String reason) {
      return new Part(name, false, reason + "; events are published all the same", false);
    }
  }

  /** Whether all parts are well that publishing needs. */
  public boolean isWell() {
    return parts.stream().allMatch(part -> part.well || !part.needed);
  }
}
