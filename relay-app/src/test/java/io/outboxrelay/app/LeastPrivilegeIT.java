package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packaged relay runs as a role without privileges. An operator that follows its messages gets
 * a working relay, and no message leads back to an earlier one.
 */
class LeastPrivilegeIT {
  private static final int MOST_ROUNDS = 25;

  @TempDir private Path folder = Path.of("set by JUnit");
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final String role = database.name() + "_relay";
  private final String application = database.name() + "_app";
  private Path paper = Path.of("set before each");
  private Path dba = Path.of("set before each");
  private Path conf = Path.of("set before each");

  enum Start {
    /** The tables exist and belong to the role that ran init. */
    TABLES_OF_ANOTHER_ROLE,
    /** No table exists: the relay's own role runs init as soon as check says so. */
    NOTHING,
    NO_SCHEMA,
    FUNCTIONS_REVOKED,
    CONNECT_REVOKED
  }

  @BeforeEach
  void createRoles() throws Exception {
    paper = PaperProvider.jar(folder);
    dba = conf("dba.yaml", database.uri(), PostgresServer.shared().password());
    conf = conf("relay.yaml", as(role), "secret");
    database.execute(
        """
        create role %1$s login password 'secret';
        create role %2$s login password 'secret';
        revoke create on schema public from public;
        """
            .formatted(role, application));
  }

  private String as(String user) {
    return database.uri().replaceFirst("//[^@]*@", "//" + user + "@");
  }

  private Path conf(String name, String uri, String password) throws IOException {
    return Files.writeString(
        folder.resolve(name),
        "database: { uri: \"%s\", password: \"%s\", connect-timeout: 50s }\nbroker: paper\n"
            .formatted(uri, password));
  }

  @AfterEach
  void drop() throws Exception {
    database.execute(
        "drop owned by %1$s, %2$s cascade; drop role %1$s, %2$s".formatted(role, application));
    database.close();
  }

  @ParameterizedTest
  @EnumSource
  void theGrantsThatCheckPrintsAreEnough(Start start) throws Exception {
    switch (start) {
      case NOTHING -> {}
      case NO_SCHEMA -> database.execute("drop schema public cascade");
      case TABLES_OF_ANOTHER_ROLE -> run(dba, 0, "init");
      case FUNCTIONS_REVOKED -> {
        run(dba, 0, "init");
        for (String function :
            List.of("pg_try_advisory_lock", "pg_try_advisory_lock_shared", "pg_advisory_unlock")) {
          database.execute(
              "revoke execute on function %s(int, int) from public".formatted(function));
        }
      }
      case CONNECT_REVOKED -> {
        run(dba, 0, "init");
        database.execute("revoke connect on database %s from public".formatted(database.name()));
      }
    }

    var statements = followRemedies();

    assertThat(statements).isNotEmpty();
    if (start == Start.TABLES_OF_ANOTHER_ROLE) {
      everyCommandWorks();
    } else {
      try (var relay = relay(conf, "run").awaitLine("leading shard 0")) {
        insert("order-42");
        relay.awaitLine("on paper: event 1 of order order-42").terminate().awaitExit(0);
      }
    }
  }

  /** Carries out the remedies of check, word for word, until check has none; returns them. */
  private List<String> followRemedies() throws Exception {
    var done = new ArrayList<String>();
    for (int round = 0; round < MOST_ROUNDS; round++) {
      try (var check = relay(conf, "check", "--as", application)) {
        if (check.exitCode() == 0) {
          assertThat(check.out()).contains("has every privilege it needs", "no problems");
          return done;
        }
        var remedies =
            check.out().lines().filter(line -> line.contains("-> ")).map(Remedy::of).toList();
        assertThat(remedies).as(check.out() + check.err()).isNotEmpty();
        for (String remedy : remedies) {
          assertThat(done).as("said twice, so it does not help").doesNotContain(remedy);
          if (remedy.startsWith("grant ")) {
            done.add(remedy);
            database.execute(remedy);
          } else {
            assertThat(remedy).startsWith("run the command init");
            run(conf, 0, "init");
          }
        }
      }
    }
    throw new AssertionError("check is never satisfied; so far: " + done);
  }

  private static final class Remedy {
    static String of(String line) {
      return line.substring(line.indexOf("-> ") + 3).strip();
    }
  }

  private void everyCommandWorks() throws Exception {
    try (var relay = relay(conf, "run").awaitLine("leading shard 0")) {
      insert("order-42");
      relay.awaitLine("on paper: event 1 of order order-42");
      for (String command :
          List.of(
              "status",
              "instances",
              "audit",
              "shards",
              "events --aggregate order-42",
              "pause somewhere --reason test",
              "resume somewhere",
              "dead-letters list",
              "dead-letters retry --all",
              "dead-letters discard --all",
              "replay list",
              "replay --all --dry-run",
              "init --print --relay-role " + role)) {
        run(conf, 0, command.split(" "));
      }
      try (var replay = relay(conf, "replay", "--all", "--watch").awaitExit(0)) {
        assertThat(replay.out()).contains("1 of 1 event sent");
      }
      assertThat(relay.out() + relay.err()).doesNotContain("permission denied");
      relay.terminate().awaitExit(0);
    }
    run(conf, 0, "rebase");
  }

  @Test
  void initGrantsToBothRolesAllThatCheckAsksFor() throws Exception {
    try (var init =
        relay(dba, "init", "--relay-role", role, "--grant-to", application).awaitExit(0)) {
      assertThat(init.out())
          .contains("granted to " + role + " what a relay needs")
          .contains("granted to " + application + " what an application needs");
    }

    assertThat(followRemedies()).isEmpty();
    for (String forbidden :
        List.of(
            "delete from outbox_audit",
            "update outbox_audit set actor = 'x'",
            "truncate outbox_audit")) {
      assertThatThrownBy(() -> executeAs(role, forbidden))
          .as(forbidden)
          .hasMessageContaining("permission denied");
    }
  }

  @Test
  void thePrintedScriptGrantsTheSame() throws Exception {
    try (var print =
        relay(dba, "init", "--print", "--relay-role", role, "--grant-to", application)
            .awaitExit(0)) {
      database.execute(print.out());
    }
    assertThat(followRemedies()).isEmpty();
  }

  @Test
  void anInitThatIsRefusedSaysWhatToDoAndChangesNothing() throws Exception {
    try (var init = relay(conf, "init").awaitExit(3)) {
      assertThat(init.err())
          .contains("grant usage, create on schema \"public\" to \"" + role + "\"")
          .contains(
              "; since PostgreSQL 15 a role needs a grant for that (a role that has it can run init"
                  + " --relay-role "
                  + role
                  + " instead). Nothing was changed. Remedy: grant ")
          .doesNotContain("run check", "\tat ");
    }
    try (var init = relay(dba, "init", "--grant-to", "nosuchrole").awaitExit(3)) {
      assertThat(init.err()).contains("there is no role nosuchrole. Nothing was changed");
    }
    try (var check = relay(dba, "check").awaitExit(5)) {
      assertThat(check.out()).contains("the table \"public\".\"outbox\" is not there");
    }
    run(dba, 0, "init", "--relay-role", role);
    try (var init = relay(conf, "init").awaitExit(3)) {
      assertThat(init.err())
          .contains("the outbox belongs to the role " + PostgresServer.shared().user())
          .contains("Nothing was changed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"outbox_account", "outbox_difference", "outbox_discarded"})
  void aTableOfAnotherRoleIsFoundBeforeInitChangesAnything(String table) throws Exception {
    run(dba, 0, "init");
    database.execute("grant \"%s\" to \"%s\"".formatted(PostgresServer.shared().user(), role));
    database.execute("alter table %s owner to \"%s\"".formatted(table, application));
    try (var init = relay(conf, "init").awaitExit(3)) {
      assertThat(init.err())
          .contains("the outbox belongs to the role " + application, "Nothing was changed");
    }
  }

  @Test
  void aShardLayoutThatIsRefusedLetsNoShardGo() throws Exception {
    run(dba, 0, "init", "--relay-role", role);
    try (var relay = relay(conf, "run").awaitLine("leading shard 0")) {
      try (var shards = relay(conf, "shards", "2").awaitExit(3)) {
        assertThat(shards.err())
            .contains("belongs to the role " + PostgresServer.shared().user())
            .contains("Nothing was changed")
            .doesNotContain("run check");
      }
      assertThat(epoch()).as("grows whenever a shard changes hands").isEqualTo(1);
      assertThat(relay.out() + relay.err()).doesNotContain("releasing", "released");
      insert("order-1");
      insert("order-2");
      try (var shards = relay(dba, "shards", "2", "--max-waiting", "0", "--within", "1")) {
        // The command is refused only if the events still wait, so either exit code is right; the
        // relay is checked below.
        shards.exitCode();
      }
      relay.terminate().awaitExit(0);
      assertThat(relay.err()).doesNotContain("permission denied");
    }
  }

  @Test
  void checkNamesWhatAnApplicationLacksAndWhatItMayTooMuch() throws Exception {
    run(dba, 0, "init", "--grant-to", application);
    database.execute("revoke usage on sequence outbox_seq from " + application);
    try (var check = relay(dba, "check", "--as", application).awaitExit(5)) {
      assertThat(check.out())
          .contains("lacks usage on sequence \"public\".\"outbox_seq\"")
          .contains("-> grant usage on sequence \"public\".\"outbox_seq\" to \"" + application);
    }
    database.execute("grant usage on sequence outbox_seq to " + application);
    database.execute("grant insert on outbox to " + application);
    try (var check = relay(dba, "check", "--as", application).awaitExit(0)) {
      assertThat(check.out())
          .contains("warning  the role " + application)
          .contains("but it may also set xid, seq")
          .contains("-> revoke insert, update on \"public\".\"outbox\" from");
      String remedy =
          check.out().lines().filter(line -> line.contains("-> revoke")).findAny().orElseThrow();
      database.execute(Remedy.of(remedy));
    }
    try (var check = relay(dba, "check", "--as", application, "--as", "nosuch").awaitExit(5)) {
      assertThat(check.out())
          .contains("can set neither xid nor seq")
          .contains("there is no role nosuch");
    }
  }

  private void insert(String aggregate) throws SQLException {
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type) values ('order', '%s', 'made')"
            .formatted(aggregate));
  }

  private long epoch() throws SQLException {
    return database.number("select max(epoch) from outbox_checkpoint");
  }

  private void executeAs(String user, String sql) throws SQLException {
    var login = new Properties();
    login.put("user", user);
    login.put("password", "secret");
    try (var connection = database.connect(login);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void run(Path configuration, int code, String... command) throws Exception {
    try (var ended = relay(configuration, command).awaitExit(code)) {
      assertThat(ended.err()).doesNotContain("\tat ", "permission denied");
    }
  }

  private FatJar relay(Path configuration, String... command) throws IOException {
    var arguments = new ArrayList<>(List.of("-conf", configuration.toString()));
    arguments.addAll(List.of(command));
    return FatJar.runWith(paper, Map.of(), arguments.toArray(String[]::new));
  }
}
