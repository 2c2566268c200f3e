package io.outboxrelay.app;

import io.outboxrelay.fate.Fate;
import io.outboxrelay.fate.Fates;
import io.outboxrelay.report.FateReport;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what became of events. */
@Command(
    name = "events",
    mixinStandardHelpOptions = true,
    description = "Says what became of an event, or of the latest of an aggregate.")
final class EventsCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private Output output = new Output();

  @ArgGroup(multiplicity = "1")
  private Sought sought = new Sought();

  @Option(
      names = "--limit",
      converter = Some.class,
      defaultValue = "50",
      description = "At most so many lines: 50.")
  private int limit = 50;

  /** One of them. */
  static final class Sought {
    @Option(names = "--seq", paramLabel = "SEQ", description = "The one of this sequence number.")
    private @Nullable Long seq;

    @Option(names = "--id", paramLabel = "UUID", description = "The one of this id.")
    private @Nullable UUID id;

    @Option(names = "--aggregate", paramLabel = "ID", description = "Those of an aggregate.")
    private @Nullable String aggregate;

    Future<List<Fate>> find(Fates fates, int most) {
      if (seq != null) {
        return fates.ofSeq(seq, most);
      }
      return id != null
          ? fates.ofId(id, most)
          : fates.ofAggregate(Objects.requireNonNull(aggregate), most);
    }

    JsonObject one() {
      return aggregate != null
          ? new JsonObject()
          : new JsonObject().put("seq", seq).put("id", id == null ? null : id.toString());
    }
  }

  EventsCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    var fates = relay.at((connection, names) -> sought.find(new Fates(connection, names), limit));
    var json = FateReport.of(fates, sought.one());
    output.write(relay.out(), json, () -> report(json));
    return ExitCode.OK.number();
  }

  static String report(JsonObject found) {
    var items = found.getJsonArray("items");
    if (items.isEmpty()) {
      return "there is no such event";
    }
    var table = new TextTable("SEQ", "AGGREGATE", "EVENT", "WRITTEN", "STATUS", "WHICH MEANS");
    for (int i = 0; i < items.size(); i++) {
      var fate = items.getJsonObject(i);
      table.add(
          String.valueOf(Objects.requireNonNullElse(fate.getValue("seq"), "")),
          Objects.requireNonNullElse(fate.getString("aggregateType"), "")
              + " "
              + Objects.requireNonNullElse(fate.getString("aggregateId"), ""),
          Objects.requireNonNullElse(fate.getString("eventType"), ""),
          Objects.requireNonNullElse(fate.getString("createdAt"), ""),
          fate.getString("status"),
          fate.getString("sentence"));
    }
    return table.toString();
  }
}
