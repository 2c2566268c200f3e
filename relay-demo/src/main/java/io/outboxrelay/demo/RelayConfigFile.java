package io.outboxrelay.demo;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The configuration file of the relay, in the form in which a user would write it: passwords are in
 * the environment.
 *
 * @param environment the values of the file's {@code ${...}} variables
 */
record RelayConfigFile(Path path, String text, Map<String, String> environment) {
  private static final String DATABASE_PASSWORD = "RELAY_DB_PASSWORD";
  private static final String BROKER_PASSWORD = "RELAY_BROKER_PASSWORD";

  /**
   * @param more sections to add
   */
  static RelayConfigFile write(Path folder, DemoBroker choice, DemoServers servers, String more)
      throws IOException {
    var environment = new HashMap<String, String>();
    environment.put(DATABASE_PASSWORD, servers.postgres().password());
    var section = new LinkedHashMap<String, String>();
    servers
        .broker()
        .settings()
        .forEach((key, value) -> hidePassword(key, value.toString(), section, environment));
    section.putAll(choice.destination(servers.destination()));
    var text =
        """
        database:
          uri: "%s"
          password: "${%s}"
        broker: %s
        %s:
        """
                .formatted(servers.database().uri(), DATABASE_PASSWORD, choice, choice)
            + lines(section)
            + more;
    // Not by what this returns, which is an absolute path if the folder was not there.
    Files.createDirectories(folder);
    var path = folder.resolve(choice + ".yaml");
    return new RelayConfigFile(Files.writeString(path, text), text, Map.copyOf(environment));
  }

  /**
   * Moves a password in the URI into the environment. Only a server that was given by its address
   * can have one.
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
