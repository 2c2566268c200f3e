package io.outboxrelay.testkit.relay;

import io.outboxrelay.testkit.BrokerType;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The configuration file of a relay that connects the {@link RelayServers}. It has the form in
 * which a user would write it: passwords are in environment variables.
 *
 * @param path the path of the file
 * @param text the content of the file
 * @param environment the values of the variables {@code ${...}} in the file
 */
public record RelayConfigFile(Path path, String text, Map<String, String> environment) {
  private static final String DATABASE_PASSWORD = "RELAY_DB_PASSWORD";
  private static final String BROKER_PASSWORD = "RELAY_BROKER_PASSWORD";

  /**
   * Writes the file.
   *
   * @param more the text of further sections
   */
  public static RelayConfigFile write(Path path, RelayServers servers, String more)
      throws IOException {
    return write(path, servers, servers.database().uri(), more);
  }

  /** Writes the file, with a given URI of the database, which can have further parameters. */
  public static RelayConfigFile write(
      Path path, RelayServers servers, String databaseUri, String more) throws IOException {
    var environment = new HashMap<String, String>();
    environment.put(DATABASE_PASSWORD, servers.postgres().password());
    var broker = servers.broker();
    var section = new LinkedHashMap<String, String>();
    broker
        .settings()
        .forEach((key, value) -> hidePassword(key, value.toString(), section, environment));
    section.putAll(BrokerType.of(broker).destination(servers.destination()));
    var text =
        """
        database:
          uri: "%s"
          password: "${%s}"
        broker: %s
        %s:
        """
                .formatted(databaseUri, DATABASE_PASSWORD, broker.name(), broker.name())
            + lines(section)
            + more;
    return new RelayConfigFile(Files.writeString(path, text), text, Map.copyOf(environment));
  }

  /** Returns the relay in {@code jar} with this configuration. */
  public PackagedRelay relay(Path jar) {
    return new PackagedRelay(jar, path, environment);
  }

  /**
   * Adds a setting to a section. If its value is a URI with a password, replaces the password by a
   * variable, and adds the variable to the environment. Only the URI of a server that was given by
   * its address can have a password.
   */
  private static void hidePassword(
      String key, String value, Map<String, String> section, Map<String, String> environment) {
    var secret = key.equals("uri") ? URI.create(value).getRawUserInfo() : null;
    if (secret == null || !secret.contains(":")) {
      section.put(key, value);
    } else {
      var user = secret.substring(0, secret.indexOf(':'));
      section.put(
          key, value.replaceFirst("://[^@]*@", "://%s:\\${%s}@".formatted(user, BROKER_PASSWORD)));
      environment.put(BROKER_PASSWORD, secret.substring(user.length() + 1));
    }
  }

  private static String lines(Map<String, String> section) {
    var lines = new StringBuilder();
    section.forEach((key, value) -> lines.append("  %s: \"%s\"%n".formatted(key, value)));
    return lines.toString();
  }
}
