package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import io.outboxrelay.settings.Secret;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The setting {@code rabbitmq.uri}.
 *
 * <p>The URI is parsed here and not by the client, because the client accepts one host only,
 * ignores unknown parameters, and repeats the password in its errors.
 *
 * @param encrypted true if the URI begins with {@code amqps}
 * @param addresses the nodes to try, in this order
 */
record RabbitUri(
    boolean encrypted,
    List<Address> addresses,
    Optional<String> username,
    Optional<Secret> password,
    Optional<String> virtualHost) {

  static final String DEFAULT = "amqp://localhost:5672";

  private static final Pattern URI =
      Pattern.compile(
          "amqp(?<encrypted>s?)://"
              + "(?:(?<username>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?"
              + "(?<hosts>[^@/?]+)"
              + "(?:/(?<vhost>[^/?]*))?"
              + "(?<parameters>\\?.*)?");
  private static final Pattern HOST =
      Pattern.compile("(?<host>\\[[0-9a-fA-F:.%]+]|[^:\\[\\]\\s]+)(?::(?<port>\\d{1,5}))?");

  /**
   * Parses {@code amqp://username:password@host:port,host:port/virtual-host}.
   *
   * @throws IllegalArgumentException with a phrase for the user, never with the password
   */
  static RabbitUri parse(String text) {
    var uri = URI.matcher(text);
    if (!uri.matches()) {
      throw new IllegalArgumentException(
          "is not the address of a RabbitMQ; write "
              + DEFAULT
              + ", other characters in names percent-encoded");
    }
    if (uri.group("parameters") != null) {
      throw new IllegalArgumentException(
          "has parameters behind a ?, which are not read here; set rabbitmq.heartbeat,"
              + " rabbitmq.connection-timeout or rabbitmq.tls");
    }
    boolean encrypted = !uri.group("encrypted").isEmpty();
    return new RabbitUri(
        encrypted,
        addresses(uri.group("hosts"), encrypted),
        given(uri, "username"),
        given(uri, "password").map(Secret::new),
        given(uri, "vhost"));
  }

  private static List<Address> addresses(String hosts, boolean encrypted) {
    int port =
        encrypted
            ? ConnectionFactory.DEFAULT_AMQP_OVER_SSL_PORT
            : ConnectionFactory.DEFAULT_AMQP_PORT;
    return Stream.of(hosts.split(",", -1)).map(host -> address(host.trim(), port)).toList();
  }

  private static Address address(String text, int orElse) {
    var host = HOST.matcher(text);
    if (!host.matches()) {
      throw new IllegalArgumentException(
          "has a host that is not valid; write host:port, several separated by commas");
    }
    int port = host.group("port") == null ? orElse : Integer.parseInt(host.group("port"));
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("has the port " + port + "; write one from 1 to 65535");
    }
    return new Address(host.group("host"), port);
  }

  private static Optional<String> given(Matcher uri, String group) {
    return Optional.ofNullable(uri.group(group))
        .filter(text -> !text.isEmpty())
        .map(RabbitUri::decoded);
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
