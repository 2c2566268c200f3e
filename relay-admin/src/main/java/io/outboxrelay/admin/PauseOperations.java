package io.outboxrelay.admin;

import io.outboxrelay.audit.AuditLog;
import io.outboxrelay.json.AuditJson;
import io.outboxrelay.json.PauseJson;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.pause.PauseTable;
import io.outboxrelay.pause.Pauses;
import io.vertx.core.Future;
import java.util.Map;

/** The API operations that pause and resume destinations, and the one that lists the audit log. */
final class PauseOperations {
  private final AdminConnections adminConnections;
  private final OutboxNames names;

  PauseOperations(AdminConnections adminConnections, OutboxNames names) {
    this.adminConnections = adminConnections;
    this.names = names;
  }

  void addTo(Map<String, ApiOperation> operations) {
    operations.put("listPauses", this::list);
    operations.put("pause", this::pause);
    operations.put("resume", asked -> resume(asked, asked.pathText("destination")));
    operations.put("resumeNamed", asked -> resume(asked, asked.requiredText("destination")));
    operations.put("listAudit", this::audit);
  }

  private Future<ApiResponse> list(ApiRequest asked) {
    return adminConnections
        .visit(connection -> Pauses.read(connection, names))
        .map(pauses -> ApiResponse.of(PauseJson.of(pauses)));
  }

  private Future<ApiResponse> pause(ApiRequest asked) {
    var body = asked.body();
    return adminConnections
        .visit(
            connection ->
                new PauseTable(connection, names)
                    .pause(body.getString("destination"), body.getString("reason"), asked.author()))
        .map(pause -> ApiResponse.created(PauseJson.of(pause)));
  }

  private Future<ApiResponse> resume(ApiRequest asked, String destination) {
    return adminConnections
        .visit(connection -> new PauseTable(connection, names).resume(destination, asked.author()))
        .map(pause -> ApiResponse.of(PauseJson.of(pause)))
        .recover(ApiException::ofAbsence);
  }

  private Future<ApiResponse> audit(ApiRequest asked) {
    return adminConnections
        .visit(connection -> AuditLog.list(connection, names, asked.number("after"), asked.limit()))
        .map(page -> ApiResponse.of(AuditJson.page(page, asked.limit())));
  }
}
