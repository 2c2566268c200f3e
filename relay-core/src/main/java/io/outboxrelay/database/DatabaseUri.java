package io.outboxrelay.database;

import io.outboxrelay.settings.Secret;
import io.vertx.pgclient.SslMode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parsed setting {@code database.uri}.
 *
 * <p>The URI is parsed here and not by the client. The client replaces a missing user, database or
 * password by {@code user}, {@code db} and {@code pass}, ignores unknown parameters, and repeats
 * the password in its errors.
 *
 * @param properties run-time parameters among the URI's parameters
 */
record DatabaseUri(
    DatabaseServers servers,
    String database,
    DatabaseCredentials login,
    Optional<SslMode> tlsMode,
    Map<String, String> properties) {

  /**
   * A URI without content. It takes the place of a missing or wrong URI until the mistake is
   * reported.
   */
  static final DatabaseUri NONE =
      new DatabaseUri(
          new DatabaseServers(List.of(new DatabaseHost("", 0)), TargetSession.ANY),
          "",
          new DatabaseCredentials("", Optional.empty()),
          Optional.empty(),
          Map.of());

  private static final String FORM = "postgresql://user@host:5432/database";
  private static final int DEFAULT_PORT = 5432;
  private static final Pattern URI =
      Pattern.compile(
          "postgres(?:ql)?://"
              + "(?:(?<user>[^:@/?]*)(?::(?<password>[^/?]*))?@)?"
              + "(?<hosts>[^@/?]*)"
              + "(?:/(?<database>[^/?]*))?"
              + "(?:\\?(?<parameters>.*))?");

  private static final Pattern HOST =
      Pattern.compile("(?<name>\\[[0-9a-fA-F:.%]+]|[^:@/?,\\[\\]]*)(?::(?<port>\\d{1,5}))?");

  /**
   * Parses {@code postgresql://user:password@host:port,host:port/database?parameter=value}.
   *
   * @throws IllegalArgumentException with a phrase for the user, never with the password
   */
  static DatabaseUri parse(String text) {
    Matcher uri = URI.matcher(text);
    if (!uri.matches()) {
      throw notAnAddress();
    }
    var parameters = parameters(uri.group("parameters"));
    var hosts = hosts(uri.group("hosts"));
    return new DatabaseUri(
        new DatabaseServers(
            hosts,
            Optional.ofNullable(parameters.remove("target_session_attrs"))
                .map(TargetSession::parse)
                .orElse(hosts.size() == 1 ? TargetSession.ANY : TargetSession.READ_WRITE)),
        given(uri, "database").orElseThrow(() -> missing("database")),
        new DatabaseCredentials(
            given(uri, "user")
                .or(() -> Optional.ofNullable(parameters.remove("user")))
                .orElseThrow(() -> missing("user")),
            given(uri, "password")
                .or(() -> Optional.ofNullable(parameters.remove("password")))
                .map(Secret::new)),
        Optional.ofNullable(parameters.remove("sslmode")).map(DatabaseUri::tlsMode),
        properties(parameters));
  }

  private static IllegalArgumentException notAnAddress() {
    return new IllegalArgumentException(
        "is not the address of a PostgreSQL database; write "
            + FORM
            + ", several hosts separated by commas, other characters in names percent-encoded");
  }

  private static List<DatabaseHost> hosts(String text) {
    var written = text.split(",", -1);
    var hosts = new ArrayList<DatabaseHost>();
    for (String one : written) {
      Matcher host = HOST.matcher(one);
      if (!host.matches()) {
        throw notAnAddress();
      }
      if (one.isEmpty() && written.length > 1) {
        throw new IllegalArgumentException("names several hosts, and one of them is empty");
      }
      hosts.add(
          new DatabaseHost(
              given(host, "name").map(DatabaseUri::withoutBrackets).orElse("localhost"),
              given(host, "port").map(DatabaseUri::port).orElse(DEFAULT_PORT)));
    }
    return List.copyOf(hosts);
  }

  private static IllegalArgumentException missing(String part) {
    return new IllegalArgumentException("names no " + part + "; write " + FORM);
  }

  private static Optional<String> given(Matcher uri, String group) {
    return Optional.ofNullable(uri.group(group))
        .filter(text -> !text.isEmpty())
        .map(DatabaseUri::decoded);
  }

  private static String withoutBrackets(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static int port(String text) {
    int port = Integer.parseInt(text);
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("has the port " + port + "; write one from 1 to 65535");
    }
    return port;
  }

  private static Map<String, String> parameters(@Nullable String text) {
    var parameters = new HashMap<String, String>();
    for (String parameter : text == null ? new String[0] : text.split("&")) {
      int end = parameter.indexOf('=');
      if (end < 1) {
        throw new IllegalArgumentException("has a parameter that is not name=value");
      }
      parameters.put(decoded(parameter.substring(0, end)), decoded(parameter.substring(end + 1)));
    }
    return parameters;
  }

  private static SslMode tlsMode(String text) {
    return Stream.of(SslMode.values())
        .filter(mode -> mode.value.equals(text))
        .findAny()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "has an sslmode that is not one of disable, allow, prefer, require, verify-ca,"
                        + " verify-full"));
  }

  private static Map<String, String> properties(Map<String, String> parameters) {
    parameters
        .keySet()
        .forEach(
            name -> {
              switch (name) {
                case "application_name", "options", "search_path" -> {}
                default -> throw unsupported(name);
              }
            });
    return Map.copyOf(parameters);
  }

  private static IllegalArgumentException unsupported(String parameter) {
    String instead =
        switch (parameter) {
          case "sslrootcert" -> "database.tls.ca";
          case "sslcert" -> "database.tls.certificate";
          case "sslkey" -> "database.tls.key";
          case "connect_timeout" -> "database.connect-timeout";
          case "passfile" -> "database.password-file, which holds the password and nothing else";
          case "load_balance_hosts" ->
              "nothing instead: hosts are tried in the order in which they are written";
          case "host", "port", "hostaddr" -> "hosts and ports in front of the database's name";
          default -> "run-time parameters of the server below database.properties";
        };
    return new IllegalArgumentException(
        "has the parameter " + parameter + ", which is not read here; set " + instead);
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "has a % that is not followed by two hexadecimal digits; write %25 for a % itself", e);
    }
  }
}
