package io.outboxrelay.json;

import io.outboxrelay.audit.AuditEntry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Writes pages of the audit log as JSON. */
public final class AuditJson {
  private AuditJson() {}

  public static JsonObject page(List<AuditEntry> page, int most) {
    var items = new JsonArray();
    for (var auditEntry : page) {
      items.add(
          new JsonObject()
              .put("id", auditEntry.id())
              .put("at", JsonFormat.time(auditEntry.at()))
              .put("actor", auditEntry.author().name())
              .put("channel", auditEntry.author().channel())
              .put("action", auditEntry.action())
              .put("target", auditEntry.target())
              .put("outcome", auditEntry.outcome()));
    }
    return new JsonObject()
        .put("items", items)
        .put("next", page.size() < most ? null : page.get(page.size() - 1).id());
  }
}
