package io.outboxrelay.report;

import io.outboxrelay.pause.Pauses;
import io.outboxrelay.verdict.Evidence;
import io.outboxrelay.verdict.Evidence.Ailment;
import io.outboxrelay.verdict.Verdict;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;

/** What is told of how a relay gets on. */
public final class VerdictReport {
  private VerdictReport() {}

  /** What the evidence amounts to, where somebody may have paused everything. */
  public static Verdict verdict(Evidence evidence, Pauses pauses) {
    var ofAll =
        pauses
            .ofAll()
            .map(
                pause ->
                    new Ailment(
                        "everything is " + pause.sentence(),
                        Duration.between(pause.since().toInstant(), Instant.now())));
    return Verdict.of(evidence.withPause(ofAll));
  }

  public static JsonObject of(Verdict verdict) {
    return new JsonObject()
        .put("state", verdict.state().word())
        .put("severity", verdict.severity().word())
        .put("headline", verdict.headline())
        .put("sentence", verdict.sentence());
  }
}
