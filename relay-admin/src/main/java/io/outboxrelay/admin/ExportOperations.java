package io.outboxrelay.admin;

import io.outboxrelay.deadletter.ExportedLetter;
import io.outboxrelay.deadletter.LetterExport;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.report.LetterExportFormat;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;

/** Gives dead letters out as a whole, in pages of text that together are one file. */
final class ExportOperations {
  private final Visits visits;
  private final OutboxNames names;

  ExportOperations(Visits visits, OutboxNames names) {
    this.visits = visits;
    this.names = names;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("exportDeadLetters", this::export);
  }

  private Future<Answer> export(Asked asked) {
    var selection = LetterOperations.selection(asked, null);
    var given = asked.text("format");
    var format = given == null ? LetterExportFormat.jsonl : LetterExportFormat.valueOf(given);
    Long after = asked.number("after");
    return visits
        .visit(
            connection -> {
              var export = new LetterExport(connection, names);
              return Future.all(
                  export.payloadType(),
                  export.read(selection, after == null ? Long.MIN_VALUE : after));
            })
        .map(read -> Answer.of(page(format, after == null, read.resultAt(0), read.resultAt(1))));
  }

  private static JsonObject page(
      LetterExportFormat format, boolean first, PayloadType type, List<ExportedLetter> letters) {
    int size = letters.size();
    return new JsonObject()
        .put("text", (first ? format.begin() : "") + format.write(letters, type))
        .put("next", size < LetterExport.PAGE ? null : letters.get(size - 1).listed().seq());
  }
}
