package io.outboxrelay.check;

import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/** Checks that the relay supports the version of the server, and that the server is no standby. */
final class ServerCheck implements DatabaseCheck {
  private static final int OLDEST = 13;
  private static final int NEWEST = 18;

  private static final String VERSION =
      """
      select current_setting('server_version_num')::int / 10000,
             current_setting('server_version'),
             pg_is_in_recovery()
      """;

  private final DatabaseConfig config;

  ServerCheck(DatabaseConfig config) {
    this.config = config;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return connection
        .query(VERSION)
        .execute()
        .map(
            rows -> {
              var row = rows.iterator().next();
              return List.of(finding(row.getInteger(0), row.getString(1), row.getBoolean(2)));
            });
  }

  private Finding finding(int major, String version, boolean standby) {
    String seen = config.summary() + " answers, version " + version;
    if (standby) {
      return Finding.problem(
          seen + ", but it is a standby, which cannot be written to",
          "name the primary in database.uri");
    }
    if (major < OLDEST) {
      return Finding.problem(
          seen + ", but the relay needs " + OLDEST + " or later", "upgrade the server");
    }
    return major > NEWEST
        ? Finding.warning(
            seen + ", which this relay was never tested with",
            "look for a later relay; it was tested with " + OLDEST + " to " + NEWEST)
        : Finding.ok(seen);
  }
}
