package io.outboxrelay.json;

import io.outboxrelay.pause.Pauses;
import io.outboxrelay.status.RelayStatus;
import io.outboxrelay.status.StatusInputs;
import io.outboxrelay.status.StatusInputs.Ailment;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;

/** Writes the status of a relay as JSON. */
public final class StatusJson {
  private StatusJson() {}

  /**
   * Returns the status that follows from the inputs and from a pause of everything, if there is
   * one.
   */
  public static RelayStatus verdict(StatusInputs evidence, Pauses pauses) {
    var ofAll =
        pauses
            .ofAll()
            .map(
                pause ->
                    new Ailment(
                        "everything is " + pause.sentence(),
                        Duration.between(pause.since().toInstant(), Instant.now())));
    return RelayStatus.of(evidence.withPause(ofAll));
  }

  public static JsonObject of(RelayStatus verdict) {
    return new JsonObject()
        .put("state", verdict.state().word())
        .put("severity", verdict.severity().word())
        .put("headline", verdict.headline())
        .put("message", verdict.sentence());
  }
}
