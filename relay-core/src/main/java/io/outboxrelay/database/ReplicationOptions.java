package io.outboxrelay.database;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/**
 * The options of a replication connection. It needs the JDBC driver, because the Vert.x client does
 * not know the replication protocol.
 *
 * @param url the address of the server in the driver's form
 * @param properties the properties for the driver, including the password
 * @param guards the statement to execute first; it makes the settings of {@link Database}
 */
public record ReplicationOptions(String url, Properties properties, String guards) {
  /** Returns the options for one of the configured servers. Reads files, so it may block. */
  static ReplicationOptions of(DatabaseConfig config, DatabaseHost host, String guards) {
    var properties = new Properties();
    properties.setProperty("user", config.user());
    properties.setProperty("password", config.readPassword());
    properties.setProperty("replication", "database");
    properties.setProperty("assumeMinServerVersion", "13");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("ApplicationName", DatabaseConfig.APPLICATION_NAME + "-log");
    properties.setProperty("tcpKeepAlive", "true");
    properties.setProperty("gssEncMode", "disable");
    String seconds = Long.toString(Math.max(1, config.connectTimeout().toSeconds()));
    properties.setProperty("connectTimeout", seconds);
    properties.setProperty("loginTimeout", seconds);
    // This timeout limits each read as well, until the reader removes it after its first
    // statements.
    properties.setProperty("socketTimeout", seconds);
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
