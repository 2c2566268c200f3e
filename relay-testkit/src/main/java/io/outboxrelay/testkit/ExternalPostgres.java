package io.outboxrelay.testkit;

import java.net.URI;

/**
 * Connects to a PostgreSQL server that runs already. An environment variable contains its address.
 */
final class ExternalPostgres {
  static final String VARIABLE = "OUTBOX_TEST_POSTGRES";

  private ExternalPostgres() {}

  static PostgresServer at(String given) {
    var uri = URI.create(given);
    var login = uri.getUserInfo();
    if (uri.getHost() == null || login == null || !login.contains(":")) {
      throw new IllegalArgumentException(
          VARIABLE
              + " should be postgresql://user:password@host:port, and names no "
              + (uri.getHost() == null ? "host" : "user and password")
              + ".");
    }
    int colon = login.indexOf(':');
    var address =
        new PostgresServer.Address(
            uri.getHost(),
            uri.getPort() < 0 ? 5432 : uri.getPort(),
            login.substring(0, colon),
            login.substring(colon + 1));
    return new PostgresServer(new ExternalServer(VARIABLE), address, null);
  }
}
