package io.outboxrelay.admin;

import io.outboxrelay.pause.Pauses;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of destinations, as far as this relay knows it.
 *
 * @param pauses the current pauses
 * @param openBreakers the destinations with an open circuit breaker, each with the reason; their
 *     events are deferred
 * @param failing the destinations at which the latest attempt has failed without opening the
 *     breaker, each with the reason
 * @param broker the reason why nothing at all can be published; empty if there is none
 * @param publishes true if this relay leads a shard; a relay that leads none cannot know the state
 *     of a destination
 */
record DestinationStates(
    Pauses pauses,
    Map<String, String> openBreakers,
    Map<String, String> failing,
    Optional<String> broker,
    boolean publishes) {

  /**
   * Returns a JSON object with the destination's name, its state and the reason. If several states
   * apply, the result is the most important one: the first in the order of this method.
   */
  JsonObject report(String destination) {
    String reason = openBreakers.get(destination);
    if (pauses.ofAll().isPresent() || pauses.of(destination).isPresent()) {
      return of(destination, "paused", reason);
    }
    if (reason != null) {
      return of(destination, "breaker-open", reason);
    }
    if (!publishes) {
      return of(destination, "unknown", null);
    }
    if (broker.isPresent()) {
      return of(destination, "unavailable", broker.get());
    }
    String failure = failing.get(destination);
    return failure == null ? of(destination, "healthy", null) : of(destination, "failing", failure);
  }

  private static JsonObject of(String destination, String state, @Nullable String reason) {
    return new JsonObject()
        .put("destination", destination)
        .put("state", state)
        .put("reason", reason);
  }
}
