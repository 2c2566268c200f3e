package io.outboxrelay.database;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.postgresql.PGProperty;

/**
 * The options of a replication connection, which needs the JDBC driver, because the Vert.x client
 * does not know the replication protocol.
 *
 * @param url of the driver
 * @param properties of the driver; holds the password
 * @param guards statement to execute first, see {@link Database}
 */
public record ReplicationOptions(String url, Properties properties, String guards) {
  /** Returns the options for one of the configured servers. Reads files, so it may block. */
  static ReplicationOptions of(DatabaseConfig config, DatabaseHost host, String guards) {
    var properties = new Properties();
    PGProperty.USER.set(properties, config.user());
    PGProperty.PASSWORD.set(properties, config.readPassword());
    PGProperty.REPLICATION.set(properties, "database");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "13");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.APPLICATION_NAME.set(properties, DatabaseConfig.APPLICATION_NAME + "-log");
    PGProperty.TCP_KEEP_ALIVE.set(properties, true);
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    int seconds = Math.max(1, Math.toIntExact(config.connectTimeout().toSeconds()));
    PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
    PGProperty.LOGIN_TIMEOUT.set(properties, seconds);
    ReplicationTls.configure(config.tls(), properties);
    String name = host.name().indexOf(':') < 0 ? host.name() : "[" + host.name() + "]";
    String url =
        "jdbc:postgresql://"
            + name
            + ":"
            + host.port()
            + "/"
            + URLEncoder.encode(config.database(), StandardCharsets.UTF_8);
    return new ReplicationOptions(url, properties, guards);
  }
}
