package io.outboxrelay.admin;

import io.outboxrelay.deadletter.DeadLetterExport;
import io.outboxrelay.deadletter.ExportedDeadLetter;
import io.outboxrelay.json.DeadLetterExportFormat;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.PayloadType;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
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
            connection -> {
              var export = new DeadLetterExport(connection, names);
              return Future.all(
                  export.payloadType(),
                  export.read(selection, after == null ? Long.MIN_VALUE : after));
            })
        .map(
            read ->
                ApiResponse.of(page(format, after == null, read.resultAt(0), read.resultAt(1))));
  }

  private static JsonObject page(
      DeadLetterExportFormat format,
      boolean first,
      PayloadType type,
      List<ExportedDeadLetter> deadLetters) {
    int size = deadLetters.size();
    return new JsonObject()
        .put("text", (first ? format.begin() : "") + format.write(deadLetters, type))
        .put(
            "next", size < DeadLetterExport.PAGE ? null : deadLetters.get(size - 1).listed().seq());
  }
}
