package io.outboxrelay.report;

import io.outboxrelay.audit.Deed;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** What is told of who did what. */
public final class AuditReport {
  private AuditReport() {}

  public static JsonObject page(List<Deed> page, int most) {
    var items = new JsonArray();
    for (var deed : page) {
      items.add(
          new JsonObject()
              .put("id", deed.id())
              .put("at", Words.time(deed.at()))
              .put("who", deed.who())
              .put("via", deed.via())
              .put("action", deed.action())
              .put("what", deed.what())
              .put("outcome", deed.outcome()));
    }
    return new JsonObject()
        .put("items", items)
        .put("next", page.size() < most ? null : page.get(page.size() - 1).id());
  }
}
