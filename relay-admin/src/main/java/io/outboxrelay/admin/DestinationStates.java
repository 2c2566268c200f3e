package io.outboxrelay.admin;

import io.outboxrelay.pause.Pauses;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether destinations take events, as far as this relay knows it.
 *
 * @param closed destinations whose events are set aside, with the reason
 * @param failing destinations that failed last and are not closed for it, with the reason
 * @param broker why nothing can be published
 * @param publishes whether this relay leads a shard; if not, it cannot know
 */
record DestinationStates(
    Pauses pauses,
    Map<String, String> closed,
    Map<String, String> failing,
    Optional<String> broker,
    boolean publishes) {

  /** Its name, its state and the reason for that; the first of these that holds is told. */
  JsonObject report(String destination) {
    String reason = closed.get(destination);
    if (pauses.ofAll().isPresent() || pauses.of(destination).isPresent()) {
      return of(destination, "paused", reason);
    }
    if (reason != null) {
      return of(destination, "closed", reason);
    }
    if (!publishes) {
      return of(destination, "unknown", null);
    }
    if (broker.isPresent()) {
      return of(destination, "unavailable", broker.get());
    }
    String failure = failing.get(destination);
    return failure == null ? of(destination, "open", null) : of(destination, "failing", failure);
  }

  private static JsonObject of(String destination, String state, @Nullable String reason) {
    return new JsonObject()
        .put("destination", destination)
        .put("state", state)
        .put("failing", reason);
  }
}
