package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.audit.AuditEntry;
import io.outboxrelay.deadletter.DeadLetterCounts;
import io.outboxrelay.deadletter.DeadLetterStats;
import io.outboxrelay.deadletter.DeadLetterSummary;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.replay.LeftOutEvents;
import io.outboxrelay.replay.Replay;
import io.outboxrelay.replay.ReplayFilter;
import io.outboxrelay.replay.ReplayState;
import io.outboxrelay.status.RelayStatus;
import io.outboxrelay.status.ReportedSource;
import io.outboxrelay.status.ShardObservation;
import io.outboxrelay.status.ShardRow;
import io.outboxrelay.status.StatusInputs;
import io.outboxrelay.status.StatusInputs.Phase;
import io.outboxrelay.status.UndeliveredEvents;
import io.outboxrelay.status.UndeliveredEvents.PausesInForce;
import io.outboxrelay.status.WaitingEvents;
import io.outboxrelay.window.Resharding;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class CommandsTest {
  private final StringWriter err = new StringWriter();

  @Test
  void aMissingConfigurationIsAUsageMistake() {
    assertThat(execute("check")).isEqualTo(2);
    assertThat(err)
        .hasToString(
            """
            No configuration is given: name the file, as in -conf conf/kafka.yaml, or set \
            OUTBOX_RELAY_DATABASE_URI, OUTBOX_RELAY_BROKER and so on in the environment
            --help lists commands and options.
            """);
  }

  @Test
  void aMistypedCommandIsGuessed() {
    assertThat(execute("stauts", "-conf", "relay.yaml")).isEqualTo(2);
    assertThat(err.toString()).contains("Did you mean", "status");
  }

  @Test
  void theConfigurationIsNamedBeforeOrAfterTheCommandInThreeSpellings() {
    for (String[] arguments :
        new String[][] {
          {"-c", "none.yaml"},
          {"-conf", "none.yaml", "status"},
          {"init", "--conf=none.yaml"},
          {"run", "-conf", "none.yaml"},
          {"dead-letters", "list", "-conf", "none.yaml"},
          {"-conf", "none.yaml", "dead-letters", "retry", "--all"}
        }) {
      assertThat(execute(arguments)).isEqualTo(2);
      assertThat(err.toString()).startsWith("none.yaml is not there").doesNotContain("\tat ");
      err.getBuffer().setLength(0);
    }
  }

  @Test
  void findingsAreAlignedWithTheirRemediesBelow() {
    assertThat(
            CheckCommand.report(
                List.of(
                    Finding.ok("the table is there"),
                    Finding.warning("LISTEN heard nothing", "connect to the server itself"),
                    Finding.problem("the trigger is disabled", "alter table"))))
        .isEqualTo(
            """
            ok       the table is there
            warning  LISTEN heard nothing
                     -> connect to the server itself
            problem  the trigger is disabled
                     -> alter table

            1 problem, 1 warning
            """);
  }

  @Test
  void statusNamesTheLeadersAndTheWaitingEvents() {
    assertThat(
            StatusCommand.report(
                List.of(
                    observationReader(
                        0, "7@host", true, Duration.ofMillis(120), 1, Duration.ofMillis(2500)),
                    observationReader(
                        1, "8@host", false, Duration.ofHours(1), 10_001, Duration.ofHours(1))),
                Map.of(
                    0,
                    new ReportedSource(false, Duration.ofSeconds(7), "slots", "no slot is free"))))
        .isEqualTo(
            """
            shard 0: led by 7@host; epoch 3, checkpoint written 0.1 s ago
            waiting: 1 event, the oldest for 2.5 s
            source: the table, for 7.0 s: no slot is free
            shard 1: no leader, the last one was 8@host; epoch 3, checkpoint written 60 min ago
            waiting: about 50,000 events, the oldest for 60 min
            """);
  }

  private static ShardRow observationReader(
      int shard, String owner, boolean led, Duration checkpointAge, long counted, Duration oldest) {
    return new ShardRow(
        shard,
        new ShardRow.Ownership(Optional.of(owner), led, 3),
        new ShardRow.Progress(checkpointAge, 0, 100_000, 2),
        WaitingEvents.counted(counted, 50_000, Optional.of(oldest)),
        ShardRow.ShardDeadLetters.NONE);
  }

  /** Scripts distinguish the severities by the exit code, and the console by its colours. */
  @Test
  void theExitCodeOfTheStatusFollowsTheSeverity() {
    var led = shard(Optional.of("7@host"), 0, 900);
    assertThat(exitCode(evidence(List.of(led), 0))).isZero();
    assertThat(exitCode(evidence(List.of(led), 5))).isEqualTo(10);
    assertThat(exitCode(evidence(List.of(shard(Optional.of("7@host"), 60, 60)), 0))).isEqualTo(11);
    assertThat(exitCode(evidence(List.of(shard(Optional.empty(), 0, 0)), 0))).isEqualTo(12);
    assertThat(exitCode(evidence(List.of(), 0))).isEqualTo(12);
  }

  private static int exitCode(StatusInputs evidence) {
    return ExitCode.of(RelayStatus.of(evidence), evidence).number();
  }

  private static ShardObservation shard(Optional<String> leader, int age, int quiet) {
    return new ShardObservation(
        0,
        new ShardObservation.Leadership(leader, leader, false),
        age == 0
            ? WaitingEvents.NONE
            : new WaitingEvents(3, false, Optional.of(Duration.ofSeconds(age))),
        Optional.of(Duration.ofSeconds(quiet)),
        Optional.empty());
  }

  private static StatusInputs evidence(List<ShardObservation> shards, long parked) {
    return StatusInputs.of(Phase.ASKED, shards)
        .with(new UndeliveredEvents(parked, PausesInForce.NONE, AccountDifferences.Summary.NONE));
  }

  @Test
  void everyCommandExplainsItself() {
    for (var path : paths(RelayCommand.commandLine(), "")) {
      var out = new StringWriter();
      var command = RelayCommand.commandLine().setOut(new PrintWriter(out, true));
      assertThat(command.execute((path + " --help").trim().split(" "))).as(path).isZero();
      assertThat(out.toString())
          .startsWith(("Usage: outbox-relay " + path).trim())
          .contains("--conf=FILE", "-h, --help");
    }
  }

  @Test
  void everyAnswerHasAFormForScripts() {
    var silent = Set.of("", "run", "dead-letters", "dead-letters export", "completion", "help");
    for (var path : paths(RelayCommand.commandLine(), "")) {
      if (!silent.contains(path)) {
        var arguments = (path + " --output xml").trim().split(" ");
        assertMistake("Invalid value for option '--output': expected one of", arguments);
      }
    }
  }

  private static List<String> paths(CommandLine command, String path) {
    var paths = new ArrayList<String>(List.of(path));
    command
        .getSubcommands()
        .forEach((name, sub) -> paths.addAll(paths(sub, (path + " " + name).trim())));
    return paths;
  }

  @Test
  void invalidArgumentsAreRefused() {
    assertMistake("Unmatched argument at index 2: 'b'", "pause", "a", "b");
    assertMistake("Missing required parameter for option '--reason'", "pause", "--reason");
    assertMistake("Unknown option: '--reason'", "resume", "--reason", "x");
    assertMistake("Missing required argument (specify one of these)", "events");
    assertMistake("'first' is not a whole number", "events", "--seq", "first");
    assertMistake("Invalid value for option '--id': '7' is not a UUID", "events", "--id", "7");
    assertMistake("mutually exclusive", "events", "--seq", "7", "--aggregate", "order-42");
    assertMistake("'0' is not a whole number from 1 on", "events", "--seq", "7", "--limit", "0");
    assertMistake("'-1' is not a whole number from 1 on", "audit", "--limit=-1");
    assertMistake("'last' is not a whole number", "audit", "--after", "last");
    assertMistake("'many' is not a whole number", "dead-letters", "list", "--limit", "many");
    assertMistake("'0' is not a whole number from 1 on", "replay", "list", "--limit", "0");
    assertMistake("'0' is not a whole number from 1 on", "status", "--watch", "--every", "0");
    assertMistake("Unmatched argument at index 1: 'all'", "instances", "all");
    assertMistake("'last' is not a whole number", "replay", "show", "last");
  }

  @Test
  void deadLettersAreChangedOnPurposeOnly() {
    assertMistake("A subcommand is missing: name one of list, show", "dead-letters");
    for (String command : List.of("retry", "discard")) {
      assertMistake("No dead letters are chosen: name sequence numbers", "dead-letters", command);
      assertMistake("--all and a filter are both given", "dead-letters", command, "--all", "7");
    }
    assertMistake("No change is given", "dead-letters", "edit", "7");
    assertMistake("'7' is not a UUID", "dead-letters", "edit", "7", "--id", "7");
    assertMistake(
        "An aggregate id cannot be empty", "dead-letters", "edit", "7", "--aggregate-id", "");
    assertMistake(
        "none.json cannot be read: no such file or folder",
        "dead-letters",
        "edit",
        "7",
        "--payload-file",
        "none.json");
    assertMistake(
        "mutually exclusive", "dead-letters", "edit", "7", "--no-payload", "--payload", "1");
    assertMistake("'noon' is no time; write 2026", "dead-letters", "list", "--since", "noon");
  }

  @Test
  void replaysAreAskedForOnPurposeOnly() {
    assertMistake("No events are chosen: name --from", "replay");
    assertMistake("--all and a filter are both given", "replay", "--all", "--type", "paid");
    assertMistake("'noon' is no time; write 2026", "replay", "--from", "noon");
    assertMistake("does not say its zone", "replay", "--to", "2026-03-01T12:00");
    assertMistake("'fast' is not a whole number", "replay", "--all", "--rate", "fast");
    assertMistake("Missing required parameter: 'ID'", "replay", "cancel");
    assertMistake("Invalid value for option '--output'", "replay", "list", "--output", "xml");
  }

  @Test
  void replaysAreListedInColumnsAndShownInLines() {
    var replay =
        new Replay(
            7,
            new Replay.Order(
                new ReplayFilter(OffsetDateTime.parse("2026-03-01T12:00:00Z"), null, null, "paid"),
                "rebuild",
                1_000,
                "nothing from before",
                "alice@db",
                OffsetDateTime.parse("2026-03-01T12:30:00.5Z")),
            new Replay.Bounds(100, 300, "1:1:", 2_000),
            new Replay.Progress(150, 1_234, 1, "event 5: too large", new LeftOutEvents(2, 3)),
            new Replay.Execution(
                ReplayState.RUNNING,
                null,
                0,
                "9@db",
                OffsetDateTime.parse("2026-03-01T12:30:01Z"),
                null));

    assertThat(ReplayListCommand.report(List.of(replay), TextTable.Layout.full()))
        .isEqualTo(
            """
            ID  STATE    SENT   OF     WHAT                                  TO       ASKED                 BY
            7   running  1,234  2,000  type paid, from 2026-03-01T12:00:00Z  rebuild  2026-03-01T12:30:00Z  alice@db\
            """);
    assertThat(ReplayShowCommand.report(replay))
        .isEqualTo(
            """
            replay   7, running
            so far   1,234 of 2,000 events sent, 25 % of the way; 1 refused by the broker, the first: event 5: too large; left out 2 that waited to be delivered and 3 in the dead letters
            what     type paid, from 2026-03-01T12:00:00Z, numbers 101 to 300
            to       rebuild
            rate     up to 1,000 events a second
            asked    2026-03-01T12:30:00Z by alice@db
            told     nothing from before
            begun    2026-03-01T12:30:01Z by 9@db\
            """);
  }

  private void assertMistake(String sentence, String... arguments) {
    assertThat(execute(arguments)).isEqualTo(2);
    assertThat(err.toString()).contains(sentence);
    err.getBuffer().setLength(0);
  }

  @Test
  void deadLettersAreListedInColumns() {
    var time = OffsetDateTime.parse("2026-03-01T12:30:00.5Z");
    assertThat(
            DeadLettersListCommand.report(
                List.of(
                    deadLetter(
                        7,
                        true,
                        new DeadLetterSummary.Subject("order", "42", "paid"),
                        "orders",
                        new DeadLetterSummary.LastFailure(1, time, "too\nlarge")),
                    deadLetter(
                        1234,
                        false,
                        new DeadLetterSummary.Subject("order", "", "paid"),
                        "",
                        new DeadLetterSummary.LastFailure(12, time, "no"))),
                new DeadLetterCounts(3, 0, 0, 0, 1),
                new DeadLetterStats(new DeadLetterCounts(3, 1000, 2, 0, 1), 1, time, false),
                TextTable.Layout.within(100)))
        .isEqualTo(
            """
            SEQ   STATE     AGGREGATE  EVENT  DESTINATION  TRIES  LAST                  REASON
            7     rejected  order 42   paid   orders       1      2026-03-01T12:30:00Z  too large
            1234  rejected  order      paid                12     2026-03-01T12:30:00Z  no

            2 of 3 are shown
            in all: 3 rejected (1 being retried), 1,000 blocked behind them, 2 deferred; 1 parked aggregate
            """);
  }

  @Test
  void noHelpTextEndsInTheMiddleOfASentence() {
    for (var path : paths(RelayCommand.commandLine(), "")) {
      var spec = spec(path);
      var usage = spec.usageMessage();
      assertThat(usage.description()).as(path).isNotEmpty();
      for (String line : usage.description()) {
        assertThat(line).as(path).endsWith(".");
      }
      for (var argument : spec.args()) {
        String text = String.join(" ", argument.description());
        assertThat(argument.description()).as("broken by hand: %s %s", path, argument).hasSize(1);
        assertThat(text).as(path + " " + argument).endsWith(".");
        if (argument.arity().max() > 0) {
          assertThat(argument.paramLabel()).as(path + " " + argument).doesNotContain("<");
        }
      }
    }
  }

  @Test
  void helpFitsEightyColumnsAndBreaksNoWord() {
    for (var path : paths(RelayCommand.commandLine(), "")) {
      String help = help(path);
      assertThat(help.lines()).as(path).allSatisfy(line -> assertThat(line).hasSizeLessThan(81));
      for (String token : List.of("2026-03-01T12:30:00Z", "EXCHANGE/ROUTING-KEY", "on-rejected:")) {
        String whole =
            String.join(
                " ",
                spec(path).args().stream().flatMap(one -> Stream.of(one.description())).toList());
        if (whole.contains(token)) {
          assertThat(help).as(path).contains(token);
        }
      }
    }
  }

  private static CommandSpec spec(String path) {
    var command = RelayCommand.commandLine();
    for (String word : path.isEmpty() ? new String[0] : path.split(" ")) {
      command = Objects.requireNonNull(command.getSubcommands().get(word));
    }
    return command.getCommandSpec();
  }

  private static String help(String path) {
    var out = new StringWriter();
    var command = RelayCommand.commandLine().setOut(new PrintWriter(out, true));
    command.setUsageHelpAutoWidth(false).setUsageHelpWidth(80);
    assertThat(command.execute(("help " + path).trim().split(" "))).as(path).isZero();
    return out.toString();
  }

  @Test
  void helpOfACommandThatIsNotThereIsAMistake() {
    assertMistake("There is no command 'dead-letters bury'", "help", "dead-letters", "bury");
  }

  @Test
  void mistakesAreJsonWhereJsonIsAskedFor() {
    assertThat(execute("status", "--output", "json", "--nonsense")).isEqualTo(2);
    var told = new JsonObject(err.toString());
    assertThat(told.getString("error")).contains("Unknown option: '--nonsense'");
    assertThat(told.getInteger("exitCode")).isEqualTo(2);
    err.getBuffer().setLength(0);

    assertThat(execute("stauts", "--output", "json")).isEqualTo(2);
    assertThat(new JsonObject(err.toString()).getString("error"))
        .contains("Unmatched argument", "did you mean", "status");
    err.getBuffer().setLength(0);

    assertThat(execute("events", "--seq=1", "--output=json", "-conf", "none.yaml")).isEqualTo(2);
    assertThat(new JsonObject(err.toString()).getString("error"))
        .startsWith("none.yaml is not there");
  }

  private static DeadLetterSummary deadLetter(
      long seq,
      boolean ordered,
      DeadLetterSummary.Subject subject,
      String destination,
      DeadLetterSummary.LastFailure failure) {
    return new DeadLetterSummary(seq, "rejected", ordered, subject, destination, failure);
  }

  @Test
  void aLongIdIsShortenedAndTheReasonIsKept() {
    var time = OffsetDateTime.parse("2026-03-01T12:30:00Z");
    String id = "order-" + "x".repeat(300) + "-4711";
    String reason =
        "the message of 2,345,678 bytes exceeds the limit of the topic orders.events, which is"
            + " 1,048,588 bytes (max.message.bytes)";
    var deadLetter =
        deadLetter(
            7,
            true,
            new DeadLetterSummary.Subject("order", id, "paid"),
            id,
            new DeadLetterSummary.LastFailure(1, time, reason));
    var count = new DeadLetterCounts(1, 0, 0, 0, 1);
    var standing = new DeadLetterStats(count, 0, time, false);
    for (int width : new int[] {80, 100, 200}) {
      String report =
          DeadLettersListCommand.report(
              List.of(deadLetter), count, standing, TextTable.Layout.within(width));
      assertThat(report.lines())
          .allSatisfy(line -> assertThat(line.length()).isLessThan(width + 1));
      assertThat(report.replaceAll("\\s+", " ")).contains("4711", "…", "2026-03-01T12:30:00Z");
      assertThat(report.replaceAll("\\s+", "")).contains(reason.replaceAll("\\s+", ""));
    }
    assertThat(
            DeadLettersListCommand.report(
                List.of(deadLetter), count, standing, TextTable.Layout.full()))
        .contains(id, reason);
  }

  @Test
  void textOfEventsCannotSteerATerminal() {
    var time = OffsetDateTime.parse("2026-03-01T12:30:00Z");
    String evil = "a\n2026-03-01 ERROR forged\u001b]0;x\u0007\u001b[31m\u202e\u009b\u2066";
    var deadLetter =
        deadLetter(
            7,
            true,
            new DeadLetterSummary.Subject(evil, evil, evil),
            evil,
            new DeadLetterSummary.LastFailure(1, time, evil));
    var count = new DeadLetterCounts(1, 0, 0, 0, 1);
    for (var layout : List.of(TextTable.Layout.full(), TextTable.Layout.within(80))) {
      assertHarmless(
          DeadLettersListCommand.report(
              List.of(deadLetter), count, new DeadLetterStats(count, 0, time, false), layout));
    }
    var auditEntry = new AuditEntry(1, time, new AuditEntry.Author(evil, "api"), evil, evil, evil);
    assertHarmless(AuditCommand.report(List.of(auditEntry), TextTable.Layout.full()));
    assertHarmless(
        EventsCommand.report(
            new JsonObject()
                .put(
                    "items",
                    new JsonArray()
                        .add(
                            new JsonObject()
                                .put("seq", 1)
                                .put("aggregateId", evil)
                                .put("eventType", evil)
                                .put("status", "rejected")
                                .put("message", evil))),
            TextTable.Layout.within(100)));
    String check = CheckCommand.report(List.of(Finding.problem(evil, evil)));
    assertHarmless(check.replace("\n  2026", "2026"));
    assertThat(check).doesNotContainPattern("(?m)^2026");
  }

  private static void assertHarmless(String text) {
    assertThat(text).doesNotContain("\u001b", "\u0007", "\u202e", "\u009b", "\u2066");
    assertThat(text).doesNotContainPattern("(?m)^2026");
  }

  @Test
  void statusesAreExplainedOnceBelowTheEvents() {
    var items = new JsonArray();
    for (int seq = 9; seq > 0; seq--) {
      items.add(
          new JsonObject()
              .put("seq", seq)
              .put("aggregateType", "order")
              .put("aggregateId", "42")
              .put("eventType", "paid")
              .put("createdAt", "2026-03-01T12:30:00Z")
              .put("status", seq == 9 ? "rejected" : "published")
              .put("message", seq == 9 ? "too large" : "confirmed by the broker"));
    }
    assertThat(
            EventsCommand.report(new JsonObject().put("items", items), TextTable.Layout.within(80)))
        .endsWith(
            """
            1    order 42   paid   2026-03-01T12:30:00Z  published

            9 rejected: too large
            published: confirmed by the broker
            """);
  }

  /** The sentence after the numbers has to be true of one event and of several. */
  @Test
  void eventsOfOneStatusShareASentence() {
    var items = new JsonArray();
    for (int seq = 4; seq > 2; seq--) {
      items.add(
          new JsonObject()
              .put("seq", seq)
              .put("status", "blocked")
              .put("message", "to be published once"));
    }
    assertThat(
            EventsCommand.report(new JsonObject().put("items", items), TextTable.Layout.within(80)))
        .endsWith("\n4, 3 blocked: to be published once\n");
  }

  @Test
  void oneEventThatWaitsIsNoPlural() {
    assertThat(RebaseCommand.report(1)).isEqualTo("re-based; 1 event waits to be published");
    assertThat(RebaseCommand.report(2_000))
        .isEqualTo("re-based; 2,000 events wait to be published");
    assertThat(ShardsCommand.Answer.anew(new Resharding.Outcome(1, 1, true), 3, "").sentence())
        .isEqualTo(
            "the outbox was divided among 1 shard and is now among 3 shards; 1 event waits to be"
                + " published");
  }

  private int execute(String... arguments) {
    return RelayCommand.commandLine().setErr(new PrintWriter(err, true)).execute(arguments);
  }
}
