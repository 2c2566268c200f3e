package io.outboxrelay.admin;

import io.outboxrelay.audit.Audit;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.pause.PauseTable;
import io.outboxrelay.pause.Pauses;
import io.outboxrelay.report.AuditReport;
import io.outboxrelay.report.PauseReport;
import io.vertx.core.Future;
import java.util.Map;

/** Pauses and resumes, and tells who did what. */
final class SteeringOperations {
  private final Visits visits;
  private final OutboxNames names;

  SteeringOperations(Visits visits, OutboxNames names) {
    this.visits = visits;
    this.names = names;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("listPauses", this::list);
    operations.put("pause", this::pause);
    operations.put("resume", asked -> resume(asked, asked.pathText("destination")));
    operations.put("resumeNamed", asked -> resume(asked, asked.requiredText("destination")));
    operations.put("listAudit", this::audit);
  }

  private Future<Answer> list(Asked asked) {
    return visits
        .visit(connection -> Pauses.read(connection, names))
        .map(pauses -> Answer.of(PauseReport.of(pauses)));
  }

  private Future<Answer> pause(Asked asked) {
    var body = asked.body();
    return visits
        .visit(
            connection ->
                new PauseTable(connection, names)
                    .pause(body.getString("destination"), body.getString("reason"), asked.author()))
        .map(pause -> Answer.created(PauseReport.of(pause)));
  }

  private Future<Answer> resume(Asked asked, String destination) {
    return visits
        .visit(connection -> new PauseTable(connection, names).resume(destination, asked.author()))
        .map(pause -> Answer.of(PauseReport.of(pause)))
        .recover(Refusal::ofAbsence);
  }

  private Future<Answer> audit(Asked asked) {
    return visits
        .visit(connection -> Audit.list(connection, names, asked.number("after"), asked.limit()))
        .map(page -> Answer.of(AuditReport.page(page, asked.limit())));
  }
}
