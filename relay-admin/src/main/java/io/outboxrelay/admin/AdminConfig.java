package io.outboxrelay.admin;

import io.outboxrelay.settings.Settings;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The section {@code admin}: the HTTP server of the relay.
 *
 * @param enabled true if the server runs
 * @param host the address to listen on; by default the loopback address
 * @param port the port to listen on; 0 for any free port
 * @param api true if the API and the console are served, and not only health and metrics
 * @param tokens the tokens of the API's callers
 * @param tls the encryption of connections and the certificates of callers
 */
public record AdminConfig(
    boolean enabled,
    String host,
    int port,
    boolean api,
    AdminTokensConfig tokens,
    AdminTlsConfig tls) {

  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?(::1|0:0:0:0:0:0:0:1)]?");

  /** Reads the section {@code admin}; mistakes are noted in {@code root}. */
  public static AdminConfig from(Settings root) {
    var in = root.section("admin");
    var config =
        new AdminConfig(
            in.flag("enabled", true),
            in.text("host", "127.0.0.1"),
            in.number("port", 9464),
            in.flag("api", false),
            AdminTokensConfig.from(in),
            AdminTlsConfig.from(in.section("tls")));
    in.require(!config.host.isBlank(), "host", "must be an address to listen on");
    in.require(config.port >= 0 && config.port <= 65_535, "port", "must be 0 to 65535");
    in.require(
        !config.api || config.isLoopback() || config.knowsItsCallers(),
        "api",
        "is on and admin.host can be reached from other machines; set admin.token,"
            + " admin.tokens or admin.tls.client-ca, or leave admin.host at 127.0.0.1");
    return config;
  }

  /** Returns true if only this machine can reach the server. */
  boolean isLoopback() {
    return isLoopback(host);
  }

  static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }

  /** Returns true if tokens go over a network unencrypted. */
  boolean exposesTokens() {
    return api && !tokens.isEmpty() && !isLoopback() && !tls.encrypt();
  }

  /** Returns true if callers of the API must present a token or a certificate. */
  boolean knowsItsCallers() {
    return !tokens.isEmpty() || tls.clientCa().isPresent();
  }
}
