package io.outboxrelay.admin;

import io.outboxrelay.deadletter.DeadLetterExport;
import io.outboxrelay.json.DeadLetterExportFormat;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** The API operation that exports dead letters, in pages of text that together form one file. */
final class ExportOperations {
  private final AdminConnections adminConnections;
  private final OutboxNames names;

  ExportOperations(AdminConnections adminConnections, OutboxNames names) {
    this.adminConnections = adminConnections;
    this.names = names;
  }

  void addTo(Map<String, ApiOperation> operations) {
    operations.put("exportDeadLetters", this::export);
  }

  private Future<ApiResponse> export(ApiRequest asked) {
    var selection = DeadLetterOperations.selection(asked, null);
    var given = asked.text("format");
    var format =
        given == null ? DeadLetterExportFormat.jsonl : DeadLetterExportFormat.valueOf(given);
    Long after = asked.number("after");
    return adminConnections
        .visit(
            connection ->
                new DeadLetterExport(connection, names)
                    .nextPage(selection, after == null ? Long.MIN_VALUE : after))
        .map(page -> ApiResponse.of(json(format, after == null, page)));
  }

  private static JsonObject json(
      DeadLetterExportFormat format, boolean first, DeadLetterExport.Page page) {
    return new JsonObject()
        .put("text", (first ? format.begin() : "") + format.write(page))
        .put("next", page.next());
  }
}
