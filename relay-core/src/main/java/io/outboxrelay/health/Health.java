package io.outboxrelay.health;

import java.util.List;

/**
 * How well the relay is in one respect, part by part.
 *
 * @param parts at least one
 */
public record Health(List<Part> parts) {
  /**
   * One part, and how it is in a sentence, also where it is well.
   *
   * @param why such as {@code it leads shard 0}
   */
  public record Part(String name, boolean well, String why) {}

  /** Whether all parts are well. */
  public boolean isWell() {
    return parts.stream().allMatch(Part::well);
  }
}
