package io.outboxrelay.chaos;

import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Makes the database refuse or disturb the relays by an administrator's means: sessions, timeouts,
 * privileges and locks.
 */
final class SessionFaultInjector implements FaultInjector {
  private static final String OF_RELAYS =
      " from pg_stat_activity where usename = 'relay' and pid <> pg_backend_pid()";

  private final ChaosEnvironment site;

  SessionFaultInjector(ChaosEnvironment site) {
    this.site = site;
  }

  @Override
  public Mending begin(PlannedFault fault) throws Exception {
    var random = fault.random();
    return switch (fault.kind()) {
      case SESSIONS_TERMINATED -> again("select pg_terminate_backend(pid)" + OF_RELAYS, 400);
      case QUERIES_CANCELLED -> again("select pg_cancel_backend(pid)" + OF_RELAYS, 100);
      case STATEMENT_TIMEOUT ->
          change(
              "alter role relay set statement_timeout = '" + (2 + random.nextInt(200)) + "ms'",
              "alter role relay reset statement_timeout");
      case READ_ONLY -> {
        String database = "alter database " + site.database().name();
        yield change(
            database + " set default_transaction_read_only = on",
            database + " reset default_transaction_read_only");
      }
      case LOGIN_REFUSED -> change("alter role relay nologin", "alter role relay login");
      case PRIVILEGE_REVOKED -> revoke(random);
      case ROW_SECURITY_ON -> hideEvents();
      case SETTINGS_CHANGED -> changeSetting(random);
      case PASSWORD_CHANGED -> changePassword(fault);
      case SEQUENCE_MOVED -> moveSequence(random);
      case LETTERS_LOCKED -> lockDeadLetters();
      default -> lock(random);
    };
  }

  /** Hides all rows of the outbox from the relays; applications can still insert. */
  private Mending hideEvents() throws SQLException {
    site.database()
        .execute(
            """
            create policy chaos_write on outbox for insert to app with check (true);
            create policy chaos_read on outbox for select to relay using (false);
            alter table outbox enable row level security;
            alter table outbox force row level security;
            """);
    return () ->
        site.database()
            .execute(
                """
                alter table outbox no force row level security;
                alter table outbox disable row level security;
                drop policy if exists chaos_write on outbox;
                drop policy if exists chaos_read on outbox;
                """);
  }

  private Mending changeSetting(Random random) throws SQLException {
    var settings =
        List.of(
            "default_transaction_isolation = 'serializable'",
            "search_path = 'nowhere'",
            "timezone = 'Asia/Kathmandu'",
            "datestyle = 'German'",
            "bytea_output = 'escape'",
            "lock_timeout = '5ms'",
            "idle_in_transaction_session_timeout = '20ms'",
            "idle_session_timeout = '500ms'",
            "row_security = on");
    String setting = settings.get(random.nextInt(settings.size()));
    site.runLog().say("set for the role: " + setting);
    String name = setting.substring(0, setting.indexOf(' '));
    return change("alter role relay set " + setting, "alter role relay reset " + name);
  }

  /**
   * Changes the password of the relays. Until the file has the new password, the database refuses
   * new connections.
   */
  private Mending changePassword(PlannedFault fault) throws SQLException {
    String password = ChaosEnvironment.PASSWORD + "-" + fault.number();
    changeNow("alter role relay password '" + password + "'");
    return () -> site.writePassword(password);
  }

  /**
   * Leaves a gap in the sequence numbers, as an application does that takes many numbers and rolls
   * back.
   */
  private Mending moveSequence(Random random) throws SQLException {
    int gap = 100_000 + random.nextInt(2_000_000);
    site.database().execute("select setval('outbox_seq', nextval('outbox_seq') + " + gap + ")");
    return () -> {};
  }

  @SuppressWarnings("MustBeClosedChecker")
  private Mending lockDeadLetters() throws SQLException {
    var connection = site.database().connect();
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute(
          "select from outbox_dead_letter order by seq limit 20 for update skip locked");
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return connection::close;
  }

  /** Runs the statement now and every {@code millis} until the fault ends. */
  private Mending again(String sql, int millis) {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    var task = timer.scheduleAtFixedRate(() -> attempt(sql), 0, millis, TimeUnit.MILLISECONDS);
    return () -> {
      task.cancel(false);
      timer.shutdown();
    };
  }

  private void attempt(String sql) {
    try {
      site.elsewhere().execute(sql);
    } catch (SQLException e) {
      site.runLog().say("not possible now: " + e.getMessage());
    }
  }

  /**
   * Changes a setting that applies to new sessions only, so all sessions of the database are ended.
   */
  private Mending change(String there, String back) throws SQLException {
    changeNow(there);
    return () -> changeNow(back);
  }

  private void changeNow(String sql) throws SQLException {
    site.elsewhere().execute(sql);
    site.elsewhere()
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = '"
                + site.database().name()
                + "'");
  }

  private Mending revoke(Random random) throws SQLException {
    String privilege =
        List.of(
                "select on outbox",
                "select on outbox_checkpoint",
                "update on outbox_checkpoint",
                "delete on outbox",
                "insert on outbox_dead_letter")
            .get(random.nextInt(5));
    site.runLog().say("revoked: " + privilege);
    site.database().execute("revoke " + privilege + " from relay");
    return () -> site.database().execute("grant " + privilege + " to relay");
  }

  @SuppressWarnings("MustBeClosedChecker")
  private Mending lock(Random random) throws SQLException {
    String table =
        List.of("outbox", "outbox_checkpoint", "outbox_dead_letter").get(random.nextInt(3));
    var connection = site.database().connect();
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute("set lock_timeout = '10s'; lock table " + table);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    site.runLog().say("locked: " + table);
    return connection::close;
  }
}
