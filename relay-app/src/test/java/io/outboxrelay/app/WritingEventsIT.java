package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs each snippet of docs/writing-events.md, and further statements that drivers and ORMs send,
 * as a role with the grants of {@code init --grant-to}. A snippet is skipped, with a message, if
 * its runtime or registry is missing.
 */
class WritingEventsIT {
  private static final Path PAGE = Path.of("..", "docs", "writing-events.md");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\n(.*?)^```$");
  private static final Path WORK = Path.of("target", "writing-events").toAbsolutePath();
  private static final long MINUTES = 5;

  private static final String JAVA =
      """
      import jakarta.persistence.*;
      import java.sql.*;
      import java.util.UUID;
      import org.hibernate.annotations.ColumnTransformer;
      import org.hibernate.cfg.Configuration;
      import org.springframework.jdbc.core.simple.JdbcClient;
      import org.springframework.jdbc.datasource.DriverManagerDataSource;

      public class Snippet {
      %s
        static final String URL = "jdbc:postgresql://%%s:%%s/%%s".formatted(
            System.getenv("PGHOST"), System.getenv("PGPORT"), System.getenv("PGDATABASE"));
        static final String USER = System.getenv("PGUSER");
        static final String PASSWORD = System.getenv("PGPASSWORD");
        static final String PAYLOAD = "{\\"id\\": 42, \\"amount\\": \\"9.90\\"}";

        public static void main(String[] arguments) throws Exception {
          %s
        }
      }
      """;

  private static final String JDBC =
      """
      try (var connection = DriverManager.getConnection(URL, USER, PASSWORD)) {
        if (orderPaid(connection, "42", PAYLOAD) == null) throw new AssertionError();
      }
      """;

  private static final String SPRING =
      "orderPaid(JdbcClient.create(new DriverManagerDataSource(URL, USER, PASSWORD)), \"42\","
          + " PAYLOAD);";

  private static final String JPA =
      """
      var sessions = new Configuration().addAnnotatedClass(OutboxEvent.class)
          .setProperty("hibernate.connection.url", URL)
          .setProperty("hibernate.connection.username", USER)
          .setProperty("hibernate.connection.password", PASSWORD)
          .buildSessionFactory();
      sessions.inTransaction(session -> orderPaid(session, "42", PAYLOAD));
      sessions.close();
      """;

  private static final String POM =
      """
      <project xmlns="http://maven.apache.org/POM/4.0.0">
        <modelVersion>4.0.0</modelVersion>
        <groupId>snippets</groupId>
        <artifactId>snippets</artifactId>
        <version>1</version>
        <packaging>pom</packaging>
        <dependencies>
          <dependency>
            <groupId>org.hibernate.orm</groupId>
            <artifactId>hibernate-core</artifactId>
            <version>6.6.13.Final</version>
          </dependency>
          <dependency>
            <groupId>org.springframework</groupId>
            <artifactId>spring-jdbc</artifactId>
            <version>6.2.7</version>
          </dependency>
          <dependency>
            <groupId>org.postgresql</groupId>
            <artifactId>postgresql</artifactId>
            <version>42.7.7</version>
          </dependency>
        </dependencies>
      </project>
      """;

  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final String role = database.name() + "_app";

  @BeforeEach
  void createOutbox() throws SQLException {
    var schema = new OutboxSchema(OutboxConfig.from(Settings.of("test", Map.of())));
    database.execute(
        schema.script()
            + "create role %1$s login password 'secret';".formatted(role)
            + "create table orders (id int, state text);"
            + "grant select, update on orders to "
            + role
            + ";"
            + schema.grantsForApplication(role));
  }

  @AfterEach
  void drop() throws SQLException {
    database.execute("drop owned by %1$s; drop role %1$s".formatted(role));
    database.close();
  }

  @Test
  void psql() throws Exception {
    needs("psql", "--version");
    run(folder("psql"), "psql", "-v", "ON_ERROR_STOP=1", "-c", block("sql", 0));
    assertWritten();
  }

  @Test
  void jdbc() throws Exception {
    java(0, JDBC);
  }

  @Test
  void spring() throws Exception {
    java(1, SPRING);
  }

  @Test
  void hibernate() throws Exception {
    java(2, JPA);
  }

  @Test
  void node() throws Exception {
    needs("npm", "--version");
    needs("node", "--version");
    var folder = folder("node");
    install(folder, "npm", "install", "--silent", "--no-audit", "--no-fund", "pg@8");
    Files.writeString(folder.resolve("snippet.mjs"), block("js", 0));
    run(folder, "node", "snippet.mjs");
    assertWritten();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void python(int number) throws Exception {
    needs("python3", "--version");
    var folder = folder("python");
    if (!Files.exists(folder.resolve("venv/bin/pip"))) {
      install(folder, "python3", "-m", "venv", "venv");
    }
    install(folder, "venv/bin/pip", "install", "-q", "psycopg[binary]", "sqlalchemy");
    Files.writeString(folder.resolve("snippet.py"), block("python", number));
    run(folder, "venv/bin/python", "snippet.py");
    assertWritten();
  }

  @Test
  void go() throws Exception {
    needs("go", "version");
    var folder = folder("go");
    Files.writeString(folder.resolve("go.mod"), "module snippet\n\ngo 1.21\n");
    install(folder, "go", "get", "github.com/jackc/pgx/v5@v5.7.5");
    Files.writeString(folder.resolve("main.go"), block("go", 0));
    run(folder, "go", "run", ".");
    assertWritten();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " returning id",
        " returning seq",
        " returning id, seq, created_at",
        " on conflict do nothing",
        " on conflict do nothing returning seq"
      })
  void allowed(String suffix) throws Exception {
    try (var application = application();
        var statement = application.createStatement()) {
      assertThatCode(() -> statement.execute(insert("") + suffix)).doesNotThrowAnyException();
    }
  }

  @Test
  void generatedKeysByName() throws Exception {
    try (var application = application();
        var insert = application.prepareStatement(insert(""), new String[] {"id", "seq"})) {
      insert.executeUpdate();
      var keys = insert.getGeneratedKeys();
      assertThat(keys.next()).isTrue();
      assertThat(keys.getObject("id", UUID.class)).isNotNull();
      assertThat(keys.getLong("seq")).isEqualTo(1);
    }
  }

  @Test
  void generatedKeysWithoutNamesAreRefusedAsThePageSays() throws Exception {
    assertThat(Files.readString(PAGE)).contains("`Statement.RETURN_GENERATED_KEYS`");
    try (var application = application();
        var insert = application.prepareStatement(insert(""), Statement.RETURN_GENERATED_KEYS)) {
      assertThatThrownBy(insert::executeUpdate).hasMessageContaining("permission denied");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"xid", "seq", "created_at"})
  void reservedColumns(String column) throws Exception {
    try (var application = application();
        var statement = application.createStatement()) {
      assertThatThrownBy(() -> statement.execute(insert(column)))
          .hasMessageContaining("permission denied");
    }
  }

  private static String insert(String reserved) {
    String value = reserved.equals("created_at") ? "now()" : "'5'";
    return "insert into outbox (aggregate_type, aggregate_id, event_type%s) values ('a', 'b', 'c'%s)"
        .formatted(
            reserved.isEmpty() ? "" : ", " + reserved, reserved.isEmpty() ? "" : ", " + value);
  }

  private Connection application() throws SQLException {
    var login = new Properties();
    login.put("user", role);
    login.put("password", "secret");
    return database.connect(login);
  }

  private void java(int number, String main) throws Exception {
    needs("mvn", "--version");
    var folder = folder("java");
    if (!Files.exists(folder.resolve("lib"))) {
      Files.writeString(folder.resolve("pom.xml"), POM);
      install(folder, "mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib");
    }
    Files.writeString(folder.resolve("Snippet.java"), JAVA.formatted(block("java", number), main));
    var tools = Path.of(System.getProperty("java.home"), "bin");
    run(folder, tools.resolve("javac").toString(), "-proc:none", "-cp", "lib/*", "Snippet.java");
    run(folder, tools.resolve("java").toString(), "-cp", "lib/*:.", "Snippet");
    assertWritten();
  }

  /** Asserts that the event that each snippet writes exists once. */
  private void assertWritten() throws SQLException {
    try (var connection = database.connect();
        var rows =
            connection
                .createStatement()
                .executeQuery(
                    "select aggregate_type, aggregate_id, event_type, payload::text from outbox")) {
      assertThat(rows.next()).isTrue();
      assertThat(rows.getString(1)).isEqualTo("order");
      assertThat(rows.getString(2)).isEqualTo("42");
      assertThat(rows.getString(3)).isEqualTo("order-paid");
      assertThat(new JsonObject(rows.getString(4)))
          .isEqualTo(new JsonObject().put("id", 42).put("amount", "9.90"));
      assertThat(rows.next()).isFalse();
    }
  }

  private static String block(String language, int number) throws IOException {
    return BLOCK
        .matcher(Files.readString(PAGE))
        .results()
        .filter(block -> block.group(1).equals(language))
        .skip(number)
        .findFirst()
        .orElseThrow()
        .group(2);
  }

  private static Path folder(String language) throws IOException {
    return Files.createDirectories(WORK.resolve(language));
  }

  private void needs(String... command) throws Exception {
    try {
      if (ended(folder("tools"), command) == 0) {
        return;
      }
    } catch (IOException absent) {
      // The absence is reported below.
    }
    leaveOut(command[0] + " is not on this machine");
  }

  private void install(Path folder, String... command) throws Exception {
    if (ended(folder, command) != 0) {
      leaveOut(String.join(" ", command) + " failed: " + output(folder));
    }
  }

  private static void leaveOut(String why) {
    System.out.println("LEFT OUT: a snippet of docs/writing-events.md was not run, because " + why);
    abort(why);
  }

  private void run(Path folder, String... command) throws Exception {
    assertThat(ended(folder, command)).as("%s", output(folder)).isZero();
  }

  private int ended(Path folder, String... command) throws Exception {
    var server = database.server();
    var builder =
        new ProcessBuilder(List.of(command))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(Redirect.to(folder.resolve("output").toFile()));
    builder
        .environment()
        .putAll(
            Map.of(
                "PGHOST", server.host(),
                "PGPORT", Integer.toString(server.port()),
                "PGDATABASE", database.name(),
                "PGUSER", role,
                "PGPASSWORD", "secret"));
    var process = builder.start();
    if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      return -1;
    }
    return process.exitValue();
  }

  private static String output(Path folder) throws IOException {
    return Files.readString(folder.resolve("output"));
  }
}
