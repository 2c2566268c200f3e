package io.outboxrelay.json;

import io.outboxrelay.pause.Pauses;
import io.outboxrelay.status.RelayStatus;
import io.outboxrelay.status.StatusInputs;
import io.outboxrelay.status.StatusInputs.Ailment;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;

/** What is told of how a relay gets on. */
public final class StatusJson {
  private StatusJson() {}

  /** What the evidence amounts to, where somebody may have paused everything. */
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
        .put("sentence", verdict.sentence());
  }
}
