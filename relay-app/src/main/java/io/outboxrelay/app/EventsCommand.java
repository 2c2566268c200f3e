package io.outboxrelay.app;

import io.outboxrelay.eventstatus.EventStatus;
import io.outboxrelay.eventstatus.EventStatusQuery;
import io.outboxrelay.json.EventStatusJson;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code events}: reports the status of events. */
@Command(
    name = "events",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the status of an event, or of the latest events of an aggregate.",
      "An event is published only if the broker is known to have confirmed it. Ends with 0 if an"
          + " event was found, and with 6 if none was."
    })
final class EventsCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private CommandOutput output = new CommandOutput();
  @Mixin private TableOptions tables = new TableOptions();

  @ArgGroup(multiplicity = "1")
  private Sought sought = new Sought();

  @Option(
      names = "--limit",
      converter = PositiveIntConverter.class,
      defaultValue = "50",
      paramLabel = "N",
      description = "At most N events (default: ${DEFAULT-VALUE}).")
  private int limit = 50;

  /** The options that identify events, of which exactly one must be given. */
  static final class Sought {
    @Option(
        names = "--seq",
        paramLabel = "SEQ",
        description = "The event with this sequence number.")
    private @Nullable Long seq;

    @Option(names = "--id", paramLabel = "UUID", description = "The event with this id.")
    private @Nullable UUID id;

    @Option(names = "--aggregate", paramLabel = "ID", description = "Events of an aggregate.")
    private @Nullable String aggregate;

    Future<List<EventStatus>> find(EventStatusQuery eventStatusQuery, int most) {
      if (seq != null) {
        return eventStatusQuery.ofSeq(seq, most);
      }
      return id != null
          ? eventStatusQuery.ofId(id, most)
          : eventStatusQuery.ofAggregate(Objects.requireNonNull(aggregate), most);
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
    var eventStatusQuery =
        relay.at(
            (connection, names) -> sought.find(new EventStatusQuery(connection, names), limit));
    var json = EventStatusJson.of(eventStatusQuery, sought.one());
    output.write(relay.out(), json, () -> report(json, tables.layout()));
    return (eventStatusQuery.isEmpty() ? ExitCode.REFUSED : ExitCode.OK).number();
  }

  /**
   * Returns a table of the events and, below it, an explanation of each status that occurs in the
   * table.
   */
  static String report(JsonObject found, TextTable.Layout layout) {
    var items = found.getJsonArray("items");
    if (items.isEmpty()) {
      return "no event of this aggregate is in the outbox or in the dead letters";
    }
    var table = new TextTable(layout, "SEQ", "AGGREGATE", "EVENT", "WRITTEN", "STATUS");
    var explained = new LinkedHashMap<String, List<String>>();
    for (int i = 0; i < items.size(); i++) {
      var event = items.getJsonObject(i);
      String seq = String.valueOf(Objects.requireNonNullElse(event.getValue("seq"), ""));
      String status = event.getString("status");
      table.add(
          seq,
          Objects.requireNonNullElse(event.getString("aggregateType"), "")
              + " "
              + Objects.requireNonNullElse(event.getString("aggregateId"), ""),
          Objects.requireNonNullElse(event.getString("eventType"), ""),
          Objects.requireNonNullElse(event.getString("createdAt"), ""),
          status);
      explained
          .computeIfAbsent(status + ": " + event.getString("message"), first -> new ArrayList<>())
          .add(seq);
    }
    var report = new StringBuilder(table.toString()).append(System.lineSeparator());
    explained.forEach(
        (sentence, seqs) -> {
          String all = String.join(", ", seqs);
          String some = seqs.size() > 3 || all.isEmpty() ? "" : all + " ";
          TextTable.wrapped(some + PlainText.line(sentence), layout.characters())
              .forEach(line -> report.append(line).append(System.lineSeparator()));
        });
    return report.toString();
  }
}
