package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Output and exit codes of the packaged jar as a process. */
class FatJarIT {
  @TempDir private Path folder = Path.of("set by JUnit");

  @Test
  void helpListsCommandsAndExitCodes() throws Exception {
    try (var help = FatJar.run(Map.of(), "--help").awaitExit(0)) {
      assertThat(help.out())
          .contains("run ", "init ", "check ", "status ", "--conf=FILE", "Exit codes:")
          .contains("3    the database", "4    the broker", "5    check found a problem");
    }
  }

  @Test
  void everyCommandHasHelp() throws Exception {
    for (String command :
        new String[] {"run", "init", "check", "status", "dead-letters", "replay"}) {
      try (var help = FatJar.run(Map.of(), command, "--help").awaitExit(0)) {
        assertThat(help.out()).contains("Usage: outbox-relay " + command, "--conf=FILE");
      }
    }
  }

  @Test
  void theVersionIsThatOfTheManifest() throws Exception {
    try (var version = FatJar.run(Map.of(), "--version").awaitExit(0)) {
      assertThat(version.out()).matches("outbox-relay \\d+\\.\\d+\\.\\d+.*");
    }
  }

  @Test
  void mistakesInTheConfigurationEndItWith2() throws Exception {
    Path file =
        conf("database: { uri: \"${DB_URI}\" }\nbroker: kafak\nrelay: { partitions: many }\n");
    try (var run = FatJar.run(Map.of("OUTBOX_RELAY_RELAI_SHARDS", "x"), "-conf", file.toString())) {
      run.awaitExit(2);
      assertThat(run.err())
          .isEqualTo(
              """
              %s has 4 problems, so nothing was started:
                database.uri                names the environment variable DB_URI, which is not set; export it, or write ${DB_URI:-default}
                relay.partitions = "many"   is not a whole number
                broker = "kafak"            is none of the brokers found: kafka, rabbitmq
                OUTBOX_RELAY_RELAI_SHARDS   is unknown; did you mean OUTBOX_RELAY_RELAY_SHARDS?\
              """
                  .formatted(file));
    }
  }

  private Path conf(String yaml) throws IOException {
    return Files.writeString(folder.resolve("relay.yaml"), yaml);
  }

  @Nested
  class WithADatabase {
    private final TestDatabase database = PostgresServer.shared().createDatabase();
    private Path paper = Path.of("set before each");
    private Path conf = Path.of("set before each");

    @BeforeEach
    void writePaperAndConfiguration() throws Exception {
      paper = PaperProvider.jar(folder);
      conf =
          conf(
              """
              database: { uri: "%s", password: "${RELAY_DB_PASSWORD}", connect-timeout: 50s }
              broker: paper
              """
                  .formatted(database.uri()));
    }

    @AfterEach
    void dropDatabase() {
      database.close();
    }

    @Test
    void aWrongPasswordEndsItWith3AndASentence() throws Exception {
      try (var run = relay(Map.of("RELAY_DB_PASSWORD", "s3cret"), "run").awaitExit(3)) {
        assertThat(run.err())
            .contains("password authentication failed for user", "; check database.uri and data")
            .doesNotContain("s3cret", "\tat ");
      }
    }

    @Test
    void aMissingTableEndsItWith3AndSaysWhatToRun() throws Exception {
      try (var run = relay(Map.of(), "run").awaitExit(3)) {
        assertThat(run.err())
            .contains("is not there; run the command init")
            .doesNotContain("\tat ");
      }
    }

    @Test
    void statusAndRebaseOfAMissingOutboxEndWith3AndSayWhatToRun() throws Exception {
      for (String command : new String[] {"status", "rebase"}) {
        try (var asked = relay(Map.of(), command).awaitExit(3)) {
          assertThat(asked.err()).contains("does not exist; run init").doesNotContain("\tat ");
        }
      }
    }

    @Test
    void aTableOfATeamsOwnIsAdopted() throws Exception {
      database.execute(
          "create table messages (id bigserial primary key, topic text not null, payload text)");
      var mapped =
          Map.of(
              "OUTBOX_RELAY_OUTBOX_TABLE", "messages",
              "OUTBOX_RELAY_OUTBOX_COLUMNS_ID_TYPE", "number",
              "OUTBOX_RELAY_OUTBOX_COLUMNS_AGGREGATE_TYPE", "topic",
              "OUTBOX_RELAY_OUTBOX_COLUMNS_AGGREGATE_ID", "none",
              "OUTBOX_RELAY_OUTBOX_COLUMNS_EVENT_TYPE", "none",
              "OUTBOX_RELAY_OUTBOX_COLUMNS_HEADERS", "none");
      try (var refused = relay(mapped, "init").awaitExit(3)) {
        assertThat(refused.err())
            .contains("lacks xid, seq, created_at; the command init --adopt adds")
            .doesNotContain("cannot be reached", "\tat ");
      }
      try (var refused = relay(mapped, "init", "--print").awaitExit(3)) {
        assertThat(refused.err())
            .contains("init --adopt --print prints the statements")
            .doesNotContain("\tat ");
      }
      try (var adopted = relay(mapped, "init", "--adopt").awaitExit(0)) {
        assertThat(adopted.out()).contains("adopted the table public.messages");
      }
      try (var again = relay(mapped, "init", "--adopt").awaitExit(0)) {
        assertThat(again.out()).contains("is adopted already; nothing was changed");
      }
    }

    @Test
    void aDatabaseThatIsNotThereYetIsWaitedFor() throws Exception {
      try (var server = PostgresServer.start()) {
        assumeTrue(server.controllable(), "it cannot be stopped");
        var elsewhere =
            Map.of(
                "OUTBOX_RELAY_DATABASE_URI", server.uri("postgres"),
                "RELAY_DB_PASSWORD", server.password());
        relay(elsewhere, "init").awaitExit(0);
        server.stop();
        try (var run = relay(elsewhere, "run")) {
          run.awaitLine(" cannot be reached: Connection refused");
          server.restart();
          run.awaitLine("ready").terminate().awaitExit(0);
        }
      }
    }

    @Test
    void aBrokerThatRefusesEndsItWith4AndASentence() throws Exception {
      init();
      try (var run = relay(Map.of("OUTBOX_RELAY_PAPER_ANSWER", "refuse"), "run").awaitExit(4)) {
        assertThat(run.err()).contains("the paper is locked away").doesNotContain("\tat ");
      }
    }

    @Test
    void aBrokerInAJarBesideItPublishesUntilSigterm() throws Exception {
      init();
      try (var run = relay(Map.of(), "run")) {
        run.awaitLine("leading shard 0");
        insert("order-42");
        run.awaitLine("on paper: event 1 of order order-42").terminate().awaitExit(0);
        assertThat(run.err())
            .contains("database       PostgreSQL at ", "broker         paper")
            .contains("outbox         public.outbox", "wake-up        doorbell");
      }
      try (var again = relay(Map.of(), "run")) {
        again.awaitLine("leading shard 0");
        insert("order-43");
        again.awaitLine("on paper: event 2 of order order-43").terminate().awaitExit(0);
        assertThat(again.out()).as("repeats nothing").doesNotContain("order-42");
      }
    }

    @Test
    void theNumberOfShardsIsChangedWhileItRuns() throws Exception {
      init();
      try (var run = relay(Map.of(), "run")) {
        run.awaitLine("leading shard 0");
        try (var shards = relay(Map.of(), "shards", "3").awaitExit(0)) {
          assertThat(shards.out())
              .contains("was divided among 1 shard and is now among 3 shards; 0 events wait");
        }
        for (int shard = 0; shard < 3; shard++) {
          run.awaitLine("leading shard " + shard + " of 3");
        }
        insert("order-42");
        run.awaitLine("on paper: event 1 of order order-42").terminate().awaitExit(0);
      }
      try (var same = relay(Map.of(), "shards", "3").awaitExit(0);
          var status = relay(Map.of(), "status").awaitExit(0);
          var wrong = relay(Map.of(), "shards", "0").awaitExit(2)) {
        assertThat(same.out()).contains("divided among 3 shards already");
        assertThat(status.out()).contains("shard 0", "shard 1", "shard 2");
        assertThat(wrong.err()).contains("There can be 1 to 64 shards, not 0");
      }
    }

    @Test
    void deliveredEventsAreReplayedOnDemand() throws Exception {
      init();
      try (var run = relay(Map.of(), "run")) {
        run.awaitLine("leading shard 0");
        insert("order-42");
        run.awaitLine("on paper: event 1 of order order-42");
        awaitMatch(1);
        try (var asked = relay(Map.of(), "replay", "--from", "1h", "--watch").awaitExit(0)) {
          assertThat(asked.out()).endsWith("replay 1: 1 of 1 event sent");
        }
        run.awaitLine("on paper: event 1 of order order-42 by replay 1");
        run.terminate().awaitExit(0);
      }
      try (var asked = relay(Map.of(), "replay", "--all", "--output", "json").awaitExit(0);
          var cancelled = relay(Map.of(), "replay", "cancel", "2").awaitExit(0);
          var again = relay(Map.of(), "replay", "cancel", "2").awaitExit(6);
          var shown = relay(Map.of(), "replay", "show", "2", "--watch").awaitExit(6);
          var list = relay(Map.of(), "replay", "list").awaitExit(0);
          var absent = relay(Map.of(), "replay", "show", "3").awaitExit(6);
          var elsewhere =
              relay(Map.of(), "replay", "--all", "--destination", "there").awaitExit(6)) {
        assertThat(new JsonObject(asked.out()))
            .contains(Map.entry("id", 2), Map.entry("state", "waiting"), Map.entry("matched", 1));
        assertThat(cancelled.out()).isEqualTo("replay 2: cancelled after 0 of 1 event");
        assertThat(again.err()).contains("replay 2 is cancelled since").doesNotContain("\tat ");
        assertThat(shown.out()).isEqualTo("replay 2: cancelled after 0 of 1 event");
        assertThat(list.out().lines()).hasSize(3);
        assertThat(absent.err()).contains("there is no replay 3; nothing was changed");
        assertThat(elsewhere.err()).contains("the destination there cannot be chosen");
      }
    }

    /** Waits until the checkpoint has passed so many events. */
    private void awaitMatch(int events) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                try (var dry =
                    relay(Map.of(), "replay", "--all", "--dry-run", "--output", "json")) {
                  return dry.getsTo("\"matched\" : " + events);
                }
              });
    }

    @Test
    void aSecondSignalEndsItAtOnce() throws Exception {
      init();
      try (var run = relay(Map.of("OUTBOX_RELAY_PAPER_ANSWER", "nothing"), "run")) {
        run.awaitLine("leading shard 0");
        insert("order-42");
        run.awaitLine("on paper: event").terminate().awaitLine("a second signal");
        run.terminate().awaitExit(143);
      }
    }

    @Test
    void initMayBeRepeatedAndGrantsWhatAnApplicationNeeds() throws Exception {
      String role = "application_" + database.name();
      database.execute("create role " + role);
      try (var first = relay(Map.of(), "init").awaitExit(0);
          var second = relay(Map.of(), "init", "--grant-to", role).awaitExit(0)) {
        assertThat(first.out()).isEqualTo("created the outbox public.outbox");
        assertThat(second.out())
            .contains("public.outbox was up to date", "granted to " + role)
            .doesNotContain("created");
        assertThat(first.err() + second.err()).isEmpty();
      }
      database.execute(
          "set role %s; insert into outbox (aggregate_type, aggregate_id, event_type) values ('a', 'b', 'c')"
              .formatted(role));
      database.execute("drop owned by %1$s; drop role %1$s".formatted(role));
    }

    @Test
    void initPrintsSqlThatMakesTheSameOutbox() throws Exception {
      try (var print = relay(Map.of(), "init", "--print").awaitExit(0)) {
        database.execute(print.out());
      }
      try (var check = relay(Map.of(), "check").awaitExit(0)) {
        assertThat(check.out()).endsWith("no problems, no warnings");
      }
    }

    @Test
    void checkEndsWith5WhereItFindsAProblem() throws Exception {
      init();
      database.execute("alter table outbox disable trigger outbox_ring");
      try (var check = relay(Map.of(), "check").awaitExit(5)) {
        assertThat(check.out())
            .contains("problem  the trigger outbox_ring is disabled", "ok       there is paper")
            .endsWith("1 problem, no warnings");
      }
    }

    @Test
    void statusThatWatchesSaysWhatHasChanged() throws Exception {
      init();
      try (var run = relay(Map.of(), "run").awaitLine("leading shard 0");
          var watch =
              relay(Map.of(), "status", "--watch", "--every", "1", "--output", "json")
                  .awaitLine("\"idle\"")) {
        run.terminate().awaitExit(0);

        watch.awaitLine("\"stuck\"");

        watch.terminate().exitCode();
        assertThat(watch.err()).isEmpty();
      }
    }

    @Test
    void metricsThatPrometheusReadsAreOnThePageOfMetrics() throws Exception {
      init();
      try (var run =
          relay(Map.of("OUTBOX_RELAY_ADMIN_PORT", "0"), "run").awaitLine("leading shard 0")) {
        insert("order-42");
        run.awaitLine("on paper: event");
        var address = Pattern.compile("admin listens on (\\S+)").matcher(run.out() + run.err());
        assertThat(address.find()).isTrue();
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> get(address.group(1) + "/metrics").body().contains("events_waiting{"));

        String metrics = get(address.group(1) + "/metrics").body();
        assertThat(metrics).contains("outbox_publish_latency_seconds_count 1\n");
        assertThat(Scrape.parse(metrics).types().keySet())
            .hasSizeGreaterThan(40)
            .anyMatch(metric -> metric.startsWith("vertx_sql_"))
            .allMatch(MetricsPageTest::explains);
        assertThat(get(address.group(1) + "/health/ready").statusCode()).isEqualTo(200);
        assertThat(get(address.group(1) + "/health/live").statusCode()).isEqualTo(200);
        try (var status = relay(Map.of(), "status").awaitExit(0)) {
          assertThat(status.out()).matches("(?s)(idle|delivering): .*");
        }
      }
    }

    private static HttpResponse<String> get(String address) throws Exception {
      return HttpClient.newHttpClient()
          .send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString());
    }

    @Test
    void statusCountsWhatWaitsAndNamesTheLeader() throws Exception {
      init();
      insert("order-42");
      insert("order-43");
      try (var status = relay(Map.of(), "status").awaitExit(0)) {
        assertThat(status.out())
            .contains("shard 0: no leader so far", "waiting: 2 events, the oldest for ");
      }
      try (var run = relay(Map.of(), "run").awaitLine("on paper: event 2");
          var status = relay(Map.of(), "status").awaitExit(0)) {
        assertThat(status.out()).contains("shard 0: led by ", "waiting: 0 events");
        run.terminate().awaitExit(0);
      }
    }

    @Test
    void deadLettersAreListedMendedAndPublished() throws Exception {
      init();
      database.execute(
          "insert into outbox (aggregate_type, aggregate_id, event_type, headers) values ('order',"
              + " 'order-42', 'made', '[1]'), ('order', 'order-42', 'paid', null)");
      try (var run = relay(Map.of(), "run")) {
        run.awaitLine("leading shard 0");
        awaitDeadLetters(2);
        try (var list = relay(Map.of(), "dead-letters", "list").awaitExit(0);
            var missing = relay(Map.of(), "dead-letters", "show", "77").awaitExit(6)) {
          assertThat(list.out())
              .contains("SEQ", "1    rejected", "order order-42", "not a JSON object of strings")
              .endsWith("in all: 1 rejected, 1 blocked behind it, 0 deferred; 1 parked aggregate");
          assertThat(missing.err())
              .startsWith("there is no dead letter 77")
              .doesNotContain("\tat ");
        }
        try (var edit =
            relay(Map.of(), "dead-letters", "edit", "1", "--header", "tenant=t-1", "--retry")) {
          edit.awaitExit(0);
          assertThat(edit.out()).isEqualTo("edited dead letter 1 and retrying it");
        }
        run.awaitLine("on paper: event 1 of order order-42")
            .awaitLine("on paper: event 2 of order order-42")
            .terminate()
            .awaitExit(0);
      }
      try (var list = relay(Map.of(), "dead-letters", "list").awaitExit(0)) {
        assertThat(list.out())
            .isEqualTo(
                "in all: 0 rejected, 0 blocked behind them, 0 deferred; 0 parked aggregates");
      }
    }

    @Test
    void operatorsSteerLookAndAreToldWhatCannotBe() throws Exception {
      assertThat(json("init"))
          .isEqualTo(
              new JsonObject()
                  .put("schema", "public")
                  .put("table", "outbox")
                  .put("versionBefore", 0)
                  .put("version", OutboxSchema.VERSION)
                  .put("grantedTo", new JsonArray())
                  .put("relayRoles", new JsonArray()));
      assertThat(text("instances")).isEqualTo("no relay is connected");
      assertThat(text("audit")).isEqualTo("the audit holds no entry");
      assertThat(text("pause", "--reason", "maintenance"))
          .startsWith("everything is paused by ")
          .endsWith("(maintenance)");
      assertThat(refused("pause")).contains("paused by").contains("already");
      try (var run = relay(Map.of("OUTBOX_RELAY_PAPER_ANSWER", "reject"), "run")) {
        run.awaitLine("leading shard 0");
        insert("order-42");
        database.execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type) values ('order',"
                + " 'order-43', 'bad')");
        assertThat(json("instances").getJsonArray("items")).hasSize(1);
        assertThat(first(json("events", "--seq", "1")).getString("status")).isEqualTo("paused");
        assertThat(json("resume").getString("destination")).isEqualTo("*");
        run.awaitLine("on paper: event 1 of order order-42");
        awaitDeadLetters(1);
        run.terminate().awaitExit(0);
      }
      assertThat(refused("resume")).contains("no pause of everything is in force");
      assertThat(text("events", "--aggregate", "order-42")).contains("order order-42", "published");
      try (var missing =
          relay(Map.of(), "events", "--seq", "4711", "--output", "json").awaitExit(6)) {
        assertThat(first(new JsonObject(missing.out())).getString("status")).isEqualTo("unknown");
      }

      for (String change : List.of("retry", "discard")) {
        assertThat(refused("dead-letters", change, "77"))
            .contains("there is no dead letter 77 now; nothing was changed");
      }
      assertThat(refused("dead-letters", "edit", "77", "--no-payload"))
          .contains("there is no dead letter 77");
      var edited = json("dead-letters", "edit", "2", "--header", "tenant=t-1");
      assertThat(edited.getLong("seq")).isEqualTo(2);
      assertThat(edited.getJsonObject("headers").getString("tenant")).isEqualTo("t-1");
      String version = edited.getString("version");
      json("dead-letters", "edit", "2", "--header", "tenant=t-2", "--if-version", version);
      assertThat(
              refused(
                  "dead-letters", "edit", "2", "--header", "tenant=t-3", "--if-version", version))
          .contains("was changed by another operator since you read it");
      ofTwoOnOneDeadLetterOneWins();

      database.execute("delete from outbox where seq = 1");
      assertThat(refused("replay", "--to", "1d")).contains("kept for outbox.retention only");
      assertThat(refused("replay", "--aggregate", "order-42")).contains("no event");
      assertThat(refused("replay", "--all", "--rate", "0")).contains("a rate of 0 events");
      assertThat(refused("replay", "cancel", "99")).startsWith("there is no replay 99");
      assertThat(json("replay", "list").getJsonArray("items")).isEmpty();

      assertThat(json("shards").getInteger("shards")).isOne();
      assertThat(json("check").getInteger("problems")).isZero();
      assertThat(json("rebase").getInteger("waiting")).isZero();
      var auditEntries = json("audit", "--limit", "100").getJsonArray("items");
      assertThat(
              auditEntries.stream()
                  .map(auditEntry -> ((JsonObject) auditEntry).getString("action")))
          .contains("pause", "resume", "retry", "discard", "edit", "replay");
      assertThat(
              auditEntries.stream().map(auditEntry -> ((JsonObject) auditEntry).getString("actor")))
          .allMatch(who -> who.contains("@"));
      assertThat(text("audit", "--after", "2")).contains("pause").doesNotContain("resume");
    }

    private void ofTwoOnOneDeadLetterOneWins() throws Exception {
      try (var retry = relay(Map.of(), "dead-letters", "retry", "2");
          var discard = relay(Map.of(), "dead-letters", "discard", "2")) {
        int retried = retry.exitCode();
        int discarded = discard.exitCode();
        assertThat(List.of(retried, discarded)).containsExactlyInAnyOrder(0, 6);
        if (retried == 0) {
          assertThat(discard.out()).contains("left 1 alone because it is being retried already");
        } else {
          assertThat(retry.out() + retry.err())
              .containsAnyOf(
                  "there is no dead letter 2 now",
                  "left 1 alone because it is being retried already");
        }
      }
    }

    private JsonObject first(JsonObject page) {
      return page.getJsonArray("items").getJsonObject(0);
    }

    private String text(String command, String... options) throws Exception {
      try (var asked = relay(Map.of(), command, options).awaitExit(0)) {
        return asked.out();
      }
    }

    private JsonObject json(String command, String... options) throws Exception {
      var all = new ArrayList<>(List.of(options));
      all.addAll(List.of("--output", "json"));
      return new JsonObject(text(command, all.toArray(String[]::new)));
    }

    private String refused(String command, String... options) throws Exception {
      try (var asked = relay(Map.of(), command, options).awaitExit(6)) {
        assertThat(asked.err()).doesNotContain("\tat ");
        return asked.err();
      }
    }

    private void awaitDeadLetters(int expected) {
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> database.number("select count(*) from outbox_dead_letter") == expected);
    }

    private void init() throws Exception {
      try (var init = relay(Map.of(), "init")) {
        init.awaitExit(0);
      }
    }

    private void insert(String aggregate) throws Exception {
      database.execute(
          "insert into outbox (aggregate_type, aggregate_id, event_type) values ('order', '%s', 'made')"
              .formatted(aggregate));
    }

    private FatJar relay(Map<String, String> variables, String command, String... options)
        throws IOException {
      var environment = new HashMap<>(variables);
      environment.putIfAbsent("RELAY_DB_PASSWORD", PostgresServer.shared().password());
      var arguments = new ArrayList<String>();
      arguments.add("-conf");
      arguments.add(conf.toString());
      arguments.add(command);
      arguments.addAll(List.of(options));
      return FatJar.runWith(paper, environment, arguments.toArray(String[]::new));
    }
  }
}
