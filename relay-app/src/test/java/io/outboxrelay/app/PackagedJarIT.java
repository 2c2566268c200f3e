package io.outboxrelay.app;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.testkit.CertificateAuthority;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.PrivilegeDropper;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.TestDatabase;
import io.outboxrelay.tracing.OtlpReceiver;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * The features that README names, on the jar that users get: started in an empty folder that it may
 * not write to, without root's rights, and with all optional parts switched on.
 */
class PackagedJarIT {
  private static final String TOKEN = "known to those who may";
  private static final String ALICE = "known to alice alone";
  private static final String BOB = "known to bob, who looks";

  private static Vertx vertx;
  private static CertificateAuthority authority;
  private static CertificateAuthority.Issued server;
  private static CertificateAuthority.Issued carol;

  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final Map<String, String> environment =
      new HashMap<>(Map.of("RELAY_DB_PASSWORD", PostgresServer.shared().password()));

  private final List<String> done = new ArrayList<>();

  @TempDir private Path folder = Path.of("set by JUnit");
  private Path empty = Path.of("set before each");
  private Path conf = Path.of("set before each");

  @BeforeAll
  static void certify() {
    vertx = Vertx.vertx();
    authority = CertificateAuthority.create();
    server = authority.issue("CN=relay");
    carol = authority.issue("CN=carol,O=operations");
  }

  @AfterAll
  static void forget() {
    authority.close();
    vertx.close().await();
  }

  @BeforeEach
  void makeFolders() throws IOException {
    empty = Files.createDirectory(folder.resolve("empty"));
    conf = folder.resolve("relay.yaml");
  }

  @AfterEach
  void dropDatabase() {
    database.close();
  }

  @Test
  void everyFeatureWorksWithKafka() throws Exception {
    var kafka = KafkaServer.shared();
    String topic = kafka.newDestination();
    try (var collector = OtlpReceiver.start()) {
      configure(
          """
          broker: kafka
          kafka: { bootstrap.servers: "%s", topic: "%s" }
          tracing: { enabled: true, endpoint: "%s", sample-ratio: 1 }
          """
              .formatted(kafka.settings().get("bootstrap.servers"), topic, collector.endpoint()));
      assertThat(command("init")).contains("created the outbox public.outbox");
      assertThat(command("check")).contains("no problems");
      try (var relay = start()) {
        relay.awaitLine("leading shard 0");
        int port = port(relay);
        insert("order-42");
        assertThat(kafka.consume(topic, 1, PATIENCE)).hasSize(1);
        await().atMost(PATIENCE).until(() -> !collector.spans().isEmpty());

        thePageOfTheConsoleIsComplete(stranger(port));
        healthAndMetricsAreOpen(stranger(port));
        theApiKnowsItsCallers(port);
        everyCommandAnswers();

        relay.terminate().awaitExit(0);
        aDifferenceIsAccepted();
        assertThat(command("rebase")).isNotBlank();
        // The relay itself is the command run, which the test started first.
        done.add("run");
        assertThat(leaves(RelayCommand.commandLine(), ""))
            .allSatisfy(
                path -> assertThat(done).anyMatch(words -> (words + " ").startsWith(path + " ")));
        assertThat(relay.err() + relay.out()).doesNotContain("\tat ", " ERROR ");
      }
    }
  }

  @Test
  void publishesToRabbitmqAndShowsIt() throws Exception {
    var rabbit = RabbitServer.shared();
    String queue = rabbit.newDestination();
    configure(
        """
        broker: kafka
        kafka: { bootstrap.servers: "127.0.0.1:1", tpoic: "orders" }
        rabbitmq: { uri: "%s", exchange: "", routing-key: "%s" }
        """
            .formatted(rabbit.settings().get("uri"), queue));
    environment.put("OUTBOX_RELAY_BROKER", "RabbitMQ");
    command("init");
    assertThat(command("check"))
        .contains("no problems, 1 warning", "kafka.tpoic is unknown; did you mean kafka.topic?");
    try (var relay = start()) {
      relay.awaitLine("leading shard 0");
      assertThat(relay.out() + relay.err())
          .contains("not read, because the setting broker names another broker: section kafka");
      insert("order-42");
      assertThat(rabbit.consume(queue, 1, PATIENCE)).hasSize(1);
      var status = stranger(port(relay)).withToken(TOKEN).get("/api/v1/status");
      assertThat(status.status()).isEqualTo(200);
      assertThat(status.json().getJsonObject("relay").getString("broker")).contains("RabbitMQ");
      assertThat(command("status")).matches("(?s)(idle|delivering).*");
      relay.terminate().awaitExit(0);
    }
  }

  @Test
  void theEnvironmentAndAFileOfTheSecretAreEnough() throws Exception {
    var kafka = KafkaServer.shared();
    String topic = kafka.newDestination();
    var secret = Files.writeString(folder.resolve("password"), PostgresServer.shared().password());
    PrivilegeDropper.own(folder);
    environment.clear();
    environment.put("OUTBOX_RELAY_DATABASE_URI", database.uri());
    environment.put("OUTBOX_RELAY_DATABASE_PASSWORD_FILE", secret.toString());
    environment.put("OUTBOX_RELAY_BROKER", "KAFKA");
    environment.put(
        "OUTBOX_RELAY_KAFKA_BOOTSTRAP_SERVERS",
        String.valueOf(kafka.settings().get("bootstrap.servers")));
    environment.put("OUTBOX_RELAY_KAFKA_TOPIC", topic);
    ended("init", 0);
    try (var relay = FatJar.runAsStranger(empty, environment)) {
      relay.awaitLine("leading shard 0");
      insert("order-42");
      assertThat(kafka.consume(topic, 1, PATIENCE)).hasSize(1);
      relay.terminate().awaitExit(0);
    }
    Files.delete(secret);
    assertThat(ended("status", 2)).contains(secret + ", which is not found");
    environment.clear();
    assertThat(ended("status", 2)).contains("OUTBOX_RELAY_DATABASE_URI");
  }

  private String ended(String command, int code) throws Exception {
    try (var asked = FatJar.runAsStranger(empty, environment, command).awaitExit(code)) {
      return asked.out() + asked.err();
    }
  }

  /**
   * Headers that are not a JSON object of strings make the relay reject an event, with any broker.
   */
  @Test
  void aDiscardGivesUpRejectedEventsOnlyAndRemembersThem() throws Exception {
    var kafka = KafkaServer.shared();
    String topic = configure(kafka);
    command("init");
    try (var relay = start()) {
      relay.awaitLine("leading shard 0");
      rejectedWithTwoBehindIt("order-1");
      rejectedWithTwoBehindIt("order-2");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(command("dead-letters", "list"))
                      .contains("in all: 2 rejected, 4 blocked behind them"));
      assertThat(command("events", "--aggregate", "order-1"))
          .containsSubsequence("blocked", "blocked", "rejected");
      assertThat(exitCode("status", "--exit-code")).isEqualTo(10);
      aDryRunTellsBothNumbers();

      assertThat(command("dead-letters", "discard", "--aggregate", "order-1"))
          .isEqualTo("gave up 1 rejected event; 2 behind it will be published");
      assertThat(kafka.consume(topic, 2, PATIENCE))
          .extracting(message -> message.headers().get("event-type"))
          .containsExactly("second", "third");
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(statuses("order-1"))
                      .containsExactly("published", "published", "discarded"));
      assertThat(command("events", "--seq", "1"))
          .containsPattern("discarded: \\S+@\\S+ gave it up at 20\\S+Z; it had been set aside: ");

      assertThat(command("dead-letters", "discard", "--all", "--including-blocked"))
          .isEqualTo("gave up 1 rejected event and 2 blocked events");
      assertThat(statuses("order-2")).containsOnly("discarded").hasSize(3);
      insert("order-2");
      assertThat(kafka.consume(topic, 3, PATIENCE))
          .extracting(message -> message.headers().get("event-type"))
          .as("the partitions of a topic have no order among them")
          .containsExactlyInAnyOrder("second", "third", "made");
      await().atMost(PATIENCE).until(() -> exitCode("status", "--exit-code") == 0);
      relay.terminate().awaitExit(0);
      assertThat(exitCode("status", "--exit-code")).isEqualTo(12);
      assertThat(exitCode("status")).isZero();
    }
  }

  private void rejectedWithTwoBehindIt(String aggregate) throws Exception {
    database.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type, headers)
          values ('order', '%1$s', 'first', '[1]'), ('order', '%1$s', 'second', null),
                 ('order', '%1$s', 'third', null)
        """
            .formatted(aggregate));
  }

  private void aDryRunTellsBothNumbers() throws Exception {
    assertThat(command("dead-letters", "discard", "--aggregate", "order-1", "--dry-run"))
        .isEqualTo("would give up 1 rejected event; 2 behind it would be published");
    assertThat(command("dead-letters", "discard", "--all", "--dry-run"))
        .isEqualTo("would give up 2 rejected events; 4 behind them would be published");
    assertThat(command("dead-letters", "discard", "--all", "--including-blocked", "--dry-run"))
        .isEqualTo("would give up 2 rejected events and 4 blocked events");
    assertThat(command("dead-letters", "discard", "--type", "second", "--dry-run"))
        .isEqualTo("would give up 0 rejected events");
    assertThat(statuses("order-1")).containsExactly("blocked", "blocked", "rejected");
  }

  /** Returns the statuses of the aggregate's events, the latest first. */
  private List<String> statuses(String aggregate) throws Exception {
    return new JsonObject(command("events", "--aggregate", aggregate, "--output", "json"))
        .getJsonArray("items").stream()
            .map(item -> ((JsonObject) item).getString("status"))
            .toList();
  }

  private int exitCode(String... arguments) throws Exception {
    try (var asked = run(arguments)) {
      return asked.exitCode();
    }
  }

  @Test
  void aPartThatCannotStartEndsNoPublishing() throws Exception {
    var kafka = KafkaServer.shared();
    String topic = configure(kafka);
    Files.writeString(folder.resolve("server.crt"), "no certificate");
    command("init");
    try (var relay = start()) {
      relay.awaitLine("admin cannot listen on 127.0.0.1:").awaitLine("leading shard 0");
      insert("order-42");
      assertThat(kafka.consume(topic, 1, PATIENCE)).hasSize(1);
      relay.terminate().awaitExit(0);
      assertThat(relay.err() + relay.out())
          .contains("publishing is not affected", "correct the files of admin.tls");
    }
  }

  private void thePageOfTheConsoleIsComplete(HttpAsker asker) {
    var page = asker.get("/");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.type()).startsWith("text/html");
    var files = new ArrayList<>(named(page.body(), "(?:src|href)=\"/?([\\w./-]+)\""));
    for (int i = 0; i < files.size(); i++) {
      var file = asker.get("/" + files.get(i));
      assertThat(file.status()).as(files.get(i)).isEqualTo(200);
      if (files.get(i).endsWith(".js") && !files.get(i).startsWith("lib/")) {
        named(file.body(), "from [\"'](?:\\./|/)([\\w./-]+)[\"']").stream()
            .filter(name -> !files.contains(name))
            .forEach(files::add);
      }
    }
    assertThat(files).hasSizeGreaterThan(5).anyMatch(name -> name.endsWith(".js"));
  }

  private static List<String> named(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
  }

  private static void healthAndMetricsAreOpen(HttpAsker asker) {
    for (String probe : List.of("live", "ready", "started")) {
      assertThat(asker.get("/health/" + probe).status()).as(probe).isEqualTo(200);
    }
    assertThat(asker.get("/metrics").body()).contains("outbox_publish_latency_seconds_count 1\n");
  }

  private void theApiKnowsItsCallers(int port) {
    assertThat(stranger(port).get("/api/v1/status").status()).isEqualTo(401);
    assertThat(stranger(port).withToken(TOKEN + "x").get("/api/v1/status").status()).isEqualTo(401);
    var everything = new JsonObject().put("destination", "*");
    var alice = stranger(port).withToken(ALICE);
    assertThat(alice.ask(HttpMethod.POST, "/api/v1/pauses", everything).status()).isEqualTo(201);
    var certified =
        new HttpAsker(
            vertx,
            port,
            trusting()
                .setKeyCertOptions(
                    new PemKeyCertOptions()
                        .setCertPath(carol.certificate().toString())
                        .setKeyPath(carol.key().toString())));
    assertThat(certified.ask(HttpMethod.DELETE, "/api/v1/pauses/*", null).status()).isEqualTo(200);
    var bob = stranger(port).withToken(BOB);
    assertThat(bob.get("/api/v1/status").status()).isEqualTo(200);
    assertThat(bob.ask(HttpMethod.POST, "/api/v1/pauses", everything).status()).isEqualTo(403);
    var reader = stranger(port).withToken(TOKEN);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(authors(reader.get("/api/v1/audit").json()))
                    .contains("alice", "CN=carol,O=operations", "bob"));
  }

  private static List<String> authors(JsonObject page) {
    return page.getJsonArray("items").stream()
        .map(item -> ((JsonObject) item).getString("actor"))
        .toList();
  }

  private void everyCommandAnswers() throws Exception {
    assertThat(command("status")).matches("(?s)(idle|delivering).*");
    assertThat(command("instances")).contains("@");
    assertThat(command("shards")).contains("1 shard");
    assertThat(command("events", "--aggregate", "order-42")).contains("published");
    assertThat(command("pause", "elsewhere", "--reason", "maintenance")).contains("elsewhere");
    assertThat(command("status")).contains("; elsewhere is paused: ", "(maintenance): its events");
    assertThat(exitCode("status", "--exit-code")).isEqualTo(10);
    assertThat(command("resume", "elsewhere")).contains("elsewhere");
    assertThat(command("audit")).contains("alice", "maintenance");
    assertThat(command("dead-letters", "list")).contains("0 rejected");
    assertThat(refused("dead-letters", "show", "77")).contains("no dead letter 77");
    assertThat(refused("dead-letters", "edit", "77", "--no-payload")).contains("77");
    assertThat(refused("dead-letters", "retry", "77")).contains("77");
    assertThat(refused("dead-letters", "discard", "77")).contains("77");
    assertThat(command("replay", "--all", "--dry-run")).contains("1 event");
    assertThat(command("replay", "list")).contains("replay");
    assertThat(refused("replay", "show", "9")).contains("no replay 9");
    assertThat(refused("replay", "cancel", "9")).contains("no replay 9");
    assertThat(command("dead-letters", "export")).isEmpty();
    assertThat(command("init", "--print")).contains("create table");
    assertThat(command("help", "dead-letters", "export")).contains("--format");
    assertThat(command("completion", "zsh")).contains("bashcompinit");
    var debezium =
        Files.writeString(
            empty.resolveSibling("debezium.properties"),
            """
            debezium.source.connector.class=io.debezium.connector.postgresql.PostgresConnector
            debezium.source.database.hostname=db
            debezium.source.database.user=relay
            debezium.source.database.dbname=shop
            debezium.sink.type=kafka
            debezium.transforms=outbox
            debezium.transforms.outbox.type=io.debezium.transforms.outbox.EventRouter
            """);
    assertThat(command("import", debezium.toString())).contains("outbox.layout: 'debezium'");
    assertThat(command("--version")).startsWith("outbox-relay ");
    assertThat(command("differences")).contains("the outbox holds what was delivered");
    assertThat(refused("differences", "accept", "0-4095")).contains("nothing was changed");
    assertThat(command("audit", "--limit", "1", "--output", "json"))
        .contains("not done: no range of these numbers differs");
  }

  /**
   * Accepts a difference that the test has made up. No relay runs meanwhile, because it would find
   * that the range does not differ.
   */
  private void aDifferenceIsAccepted() throws Exception {
    database.execute(
        "insert into outbox_difference (range, delivered, standing, digest) values (0, 0, 1, 0)");
    assertThat(command("differences")).contains("4095");
    assertThat(command("differences", "accept", "0-4095")).contains("1 range is accepted");
    assertThat(command("differences")).contains("the outbox holds what was delivered");
  }

  private static List<String> leaves(CommandLine command, String path) {
    return command.getSubcommands().entrySet().stream()
        .flatMap(
            sub ->
                sub.getValue().getSubcommands().isEmpty()
                        || List.of("replay", "differences").contains(sub.getKey())
                    ? Stream.concat(
                        Stream.of((path + " " + sub.getKey()).trim()),
                        leaves(sub.getValue(), path + " " + sub.getKey()).stream())
                    : leaves(sub.getValue(), path + " " + sub.getKey()).stream())
        .toList();
  }

  private HttpAsker stranger(int port) {
    return new HttpAsker(vertx, port, trusting());
  }

  private static HttpClientOptions trusting() {
    return new HttpClientOptions()
        .setSsl(true)
        .setTrustOptions(new PemTrustOptions().addCertPath(authority.certificate().toString()));
  }

  /** Configures a new topic, and returns it. */
  private String configure(KafkaServer kafka) throws Exception {
    String topic = kafka.newDestination();
    configure(
        """
        broker: kafka
        kafka: { bootstrap.servers: "%s", topic: "%s" }
        """
            .formatted(kafka.settings().get("bootstrap.servers"), topic));
    return topic;
  }

  /** Writes the configuration, and beside it copies of its files that every user may read. */
  private void configure(String rest) throws IOException {
    Files.copy(server.certificate(), folder.resolve("server.crt"));
    Files.copy(server.key(), folder.resolve("server.key"));
    Files.copy(authority.certificate(), folder.resolve("authority.crt"));
    Files.writeString(
        conf,
        """
        database: { uri: "%s", password: "${RELAY_DB_PASSWORD}", connect-timeout: 50s }
        admin:
          api: true
          token: "%s"
          tokens: { alice: "%s" }
          read-only-tokens: { bob: "%s" }
          tls: { certificate: "%5$s/server.crt", key: "%5$s/server.key", client-ca: "%5$s/authority.crt" }
        %6$s
        """
            .formatted(database.uri(), TOKEN, ALICE, BOB, folder, rest));
    PrivilegeDropper.own(folder);
    Files.setPosixFilePermissions(empty, PosixFilePermissions.fromString("r-xr-xr-x"));
  }

  private FatJar start() throws IOException {
    return FatJar.runAsStranger(empty, environment, "-conf", conf.toString());
  }

  private static int port(FatJar relay) {
    relay.awaitLine("admin listens on https://");
    var address =
        Pattern.compile("admin listens on \\S+:(\\d+)").matcher(relay.out() + relay.err());
    assertThat(address.find()).isTrue();
    return Integer.parseInt(address.group(1));
  }

  private String command(String... arguments) throws Exception {
    try (var asked = run(arguments).awaitExit(0)) {
      return asked.out();
    }
  }

  private String refused(String... arguments) throws Exception {
    try (var asked = run(arguments).awaitExit(6)) {
      assertThat(asked.err()).doesNotContain("\tat ");
      return asked.out() + asked.err();
    }
  }

  private FatJar run(String... arguments) throws IOException {
    done.add(String.join(" ", arguments));
    var all = new ArrayList<>(List.of("-conf", conf.toString()));
    all.addAll(List.of(arguments));
    return FatJar.runAsStranger(empty, environment, all.toArray(String[]::new));
  }

  private void insert(String aggregate) throws Exception {
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type) values ('order', '%s', 'made')"
            .formatted(aggregate));
  }
}
