package io.outboxrelay.admin;

import static io.outboxrelay.testkit.TestTimeout.done;

import io.outboxrelay.relay.Relay;
import io.outboxrelay.relay.RelayEnvironment;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.ReceivedMessage;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The environment in which the tests of the API start relays with their admin servers. */
final class AdminServerBench extends RelayEnvironment {
  private final String destination = broker().newDestination();
  private final List<RelayWithAdmin> relays = new ArrayList<>();

  /** A relay and its server. */
  record Post(Relay relay, AdminServer admin, Caller caller) {}

  /** Creates the environment on the server that all tests share. */
  AdminServerBench() throws SQLException {
    this(PostgresServer.shared());
  }

  AdminServerBench(PostgresServer server) throws SQLException {
    super(server);
    set("relay.fallback-interval", "1h");
    set(BROKER + ".destination", destination);
    init();
    set("admin.port", "0");
    set("admin.api", "true");
  }

  String destination() {
    return destination;
  }

  List<ReceivedMessage> arrived() {
    return broker().messages(destination);
  }

  /** Starts a relay and its server; returns when the relay leads or is a standby. */
  Post started(Map<String, String> adminSettings) {
    var more = new HashMap<String, String>();
    adminSettings.forEach((key, value) -> more.put("admin." + key, value));
    var settings = settings(more);
    var created = RelayWithAdmin.create(vertx(), settings);
    settings.verify();
    done(created.admin().start());
    done(created.relay().start());
    relays.add(created);
    return new Post(created.relay(), created.admin(), new Caller(vertx(), created.admin().port()));
  }

  void commit(String aggregate, int version) throws SQLException {
    database().execute(insert(aggregate, version));
  }

  @Override
  protected void stopAll() {
    relays.forEach(RelayWithAdmin::stop);
    relays.clear();
  }
}
