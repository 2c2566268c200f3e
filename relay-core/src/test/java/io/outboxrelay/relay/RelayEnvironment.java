package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.done;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.publish.MemoryBroker;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * A database for an outbox, a broker in memory, and the settings of relays between them, for one
 * test. The relays run in the JVM of the test. A subclass starts and stops them; for the packaged
 * relay, which runs in a process of its own, see {@code testkit.relay}.
 */
public abstract class RelayEnvironment implements AutoCloseable {
  /** The section of the settings that configures the broker. */
  public static final String BROKER = "memory";

  private final Vertx vertx = Vertx.vertx();
  private final MemoryBroker broker;
  private final TestDatabase database;
  private final boolean shared;
  private final Map<String, Object> settings = new HashMap<>();

  /** Creates an environment with a new database on a server, and a new broker. */
  protected RelayEnvironment(PostgresServer server) {
    this(MemoryBroker.start(), server.createDatabase(), false);
  }

  /**
   * Creates an environment with the database and the broker of another one, which is closed after
   * this one.
   */
  protected RelayEnvironment(RelayEnvironment other) {
    this(other.broker, other.database, true);
  }

  private RelayEnvironment(MemoryBroker broker, TestDatabase database, boolean shared) {
    this.broker = broker;
    this.database = database;
    this.shared = shared;
    settings.putAll(database.settings());
    broker.settings().forEach((key, value) -> settings.put(BROKER + "." + key, value));
    settings.put("relay.retry.initial-delay", "20ms");
  }

  /** Changes a setting of the relays that are created from now on. */
  protected final void set(String key, Object value) {
    settings.put(key, value);
  }

  /** Removes a setting of the relays that are created from now on. */
  protected final void unset(String key) {
    settings.remove(key);
  }

  /** Returns the settings of the relays that are created now. */
  public final Settings settings() {
    return settings(Map.of());
  }

  /** Returns the same settings with further ones. */
  protected final Settings settings(Map<String, ?> more) {
    var all = new HashMap<>(settings);
    all.putAll(more);
    return Settings.of("relay.yaml", all);
  }

  /** Creates the outbox as the command {@code init} does. */
  public final void init() throws SQLException {
    var schema = new OutboxSchema(OutboxConfig.from(settings()));
    int shards = Math.max(1, RelayConfig.from(settings()).sharding().shards());
    database.execute(schema.withShards(shards).script());
  }

  public final Vertx vertx() {
    return vertx;
  }

  public final TestDatabase database() {
    return database;
  }

  public final MemoryBroker broker() {
    return broker;
  }

  /** Returns the statement that writes one event, with the version as its type and payload. */
  protected static String insert(String aggregate, int version) {
    return "insert into outbox (aggregate_type, aggregate_id, event_type, payload) values"
        + " ('order', '%s', '%d', '{\"version\": %d}')".formatted(aggregate, version, version);
  }

  /** Returns one value from the database. */
  public final String query(String sql) throws SQLException {
    return database.query(sql);
  }

  /** Stops the relays and their servers. */
  protected abstract void stopAll();

  @Override
  public void close() {
    stopAll();
    if (!shared) {
      broker.close();
    }
    done(vertx.close());
    if (!shared) {
      database.close();
    }
  }
}
