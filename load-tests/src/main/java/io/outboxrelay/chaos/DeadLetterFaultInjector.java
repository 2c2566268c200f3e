package io.outboxrelay.chaos;

import io.outboxrelay.chaos.ChaosBroker.Lacking;
import io.outboxrelay.testkit.AggregateVersions;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes events that the broker rejects at first, then repairs them like an operator: it completes
 * the destination, or edits the event, and requests the redelivery of the dead letters. All of
 * these events must arrive.
 */
final class DeadLetterFaultInjector implements FaultInjector {
  private static final String REJECTED =
      " from outbox_dead_letter where attempts > 0 and redelivery is null and ";

  private final ChaosEnvironment site;
  private final ChaosWriters writers;
  private final Map<String, Lacking> lacking = new ConcurrentHashMap<>();
  private final AtomicInteger rejected = new AtomicInteger();

  DeadLetterFaultInjector(ChaosEnvironment site, ChaosWriters writers) {
    this.site = site;
    this.writers = writers;
  }

  /** Returns the number of events written so far that the broker could reject. */
  int rejected() {
    return rejected.get();
  }

  @Override
  public Mending begin(PlannedFault fault) throws Exception {
    return fault.kind() == FaultKind.EVENTS_EDITED ? edited(fault) : lacking(fault);
  }

  private Mending lacking(PlannedFault fault) throws Exception {
    var random = fault.random();
    String destination = ChaosDestinations.lacking(fault);
    var lack = site.brokerSide().lacking(destination, random);
    site.runLog().say("%s lacks %s".formatted(destination, lack.what()));
    lacking.put(destination, lack);
    int count = 1 + random.nextInt(3);
    for (int i = 1; i <= count; i++) {
      String aggregate = ChaosDestinations.aggregate(destination, i);
      write(fault, aggregate, 1 + random.nextInt(4), ChaosBroker.TOO_LONG, "");
    }
    return () -> complete(destination, lack);
  }

  private void complete(String destination, Lacking lack) throws Exception {
    lack.completion().mend();
    retry(destination);
  }

  /**
   * Repeats the repair of every completed destination that has rejected events, because a killed
   * broker may have lost the change, or an event was rejected just before it. To be called while no
   * fault is active.
   */
  void retryWhatIsComplete() throws Exception {
    for (var one : lacking.entrySet()) {
      if (isRejected(one.getKey())) {
        complete(one.getKey(), one.getValue());
      }
    }
  }

  private void retry(String destination) throws SQLException, IOException, InterruptedException {
    if (isRejected(destination)) {
      command(List.of("retry", "--destination", destination + "*"));
    }
  }

  private boolean isRejected(String destination) throws SQLException {
    return !seq("destination like '" + destination + "%'").isEmpty();
  }

  private Mending edited(PlannedFault fault) throws SQLException {
    var rejectable = site.brokerSide().rejectable(fault.random());
    String aggregate = "corrected-" + fault.number();
    site.runLog().say("an event of " + aggregate + " is " + rejectable.why());
    int version =
        write(
            fault,
            aggregate,
            1 + fault.random().nextInt(4),
            rejectable.textLength(),
            rejectable.headers());
    var asked = new AtomicInteger();
    return () -> edit(aggregate, version, asked);
  }

  /**
   * Edits the dead letter and requests its redelivery. It must be found at least once. The result
   * of a failed command is unknown, but if the redelivery was requested, the next attempt finds no
   * dead letter without a request.
   */
  private void edit(String aggregate, int version, AtomicInteger asked) throws Exception {
    String found = seq("aggregate_id = '" + aggregate + "'");
    if (found.isEmpty()) {
      if (asked.get() == 0) {
        throw new IOException("the event of " + aggregate + " is not a dead letter yet");
      }
      return;
    }
    asked.incrementAndGet();
    command(
        List.of(
            "edit",
            found,
            "--payload",
            "{\"v\": %d, \"size\": 2, \"text\": \"xx\"}".formatted(version),
            "--remove-header",
            "exchange",
            "--remove-header",
            "routing-key",
            "--retry"));
  }

  /**
   * Writes some events with one between them that is rejected; returns the version of that event.
   */
  private int write(
      PlannedFault fault, String aggregate, int version, int textLength, String headers)
      throws SQLException {
    try (var connection = site.connectAsApplication()) {
      var hand = new EventWriter(connection, fault.random());
      hand.execute("begin");
      AggregateVersions.add(connection, aggregate, version + 1);
      hand.writeMany(aggregate, 0, version - 1);
      hand.write(aggregate, version, textLength, headers);
      hand.write(aggregate, version + 1);
      rejected.incrementAndGet();
      hand.execute("commit");
      writers.add(aggregate);
      return version;
    }
  }

  /**
   * Returns the first rejected dead letter without a request for redelivery; empty if there is
   * none.
   */
  private String seq(String condition) throws SQLException {
    try (var connection = site.database().connect();
        var statement = connection.createStatement();
        var row =
            statement.executeQuery("select seq" + REJECTED + condition + " order by seq limit 1")) {
      return row.next() ? row.getString(1) : "";
    }
  }

  private void command(List<String> arguments) throws IOException, InterruptedException {
    var words = new ArrayList<>(List.of("dead-letters"));
    words.addAll(arguments);
    int code = site.command(List.of(), words).awaitEnd();
    site.runLog().say("%s ended with %d".formatted(String.join(" ", words), code));
    if (code != 0) {
      throw new IOException(
          "the command failed, see " + site.runLog().folder().resolve("dead-letters.log"));
    }
  }
}
