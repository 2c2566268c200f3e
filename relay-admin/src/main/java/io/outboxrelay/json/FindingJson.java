package io.outboxrelay.json;

import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Finding.Level;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;

/** Writes the findings of {@code check} as JSON. */
public final class FindingJson {
  private FindingJson() {}

  public static JsonObject of(List<Finding> findings) {
    return new JsonObject()
        .put("items", new JsonArray(findings.stream().map(FindingJson::of).toList()))
        .put("problems", count(findings, Level.PROBLEM))
        .put("warnings", count(findings, Level.WARNING));
  }

  private static JsonObject of(Finding finding) {
    return new JsonObject()
        .put("level", finding.level().name().toLowerCase(Locale.ROOT))
        .put("message", finding.text())
        .put("remedy", JsonFormat.text(finding.remedy()));
  }

  /** Returns the number of findings of this level. */
  public static long count(List<Finding> findings, Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }
}
