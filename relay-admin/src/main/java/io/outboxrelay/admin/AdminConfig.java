package io.outboxrelay.admin;

import io.outboxrelay.settings.Settings;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Whether and where the relay can be asked and told something: the section {@code admin}.
 *
 * @param enabled whether there is a server at all
 * @param host the address it listens on; only this machine's own unless told otherwise
 * @param port 0 for any that is free
 * @param api whether there is more than health and metrics: the API and the console
 * @param tokens what a caller of the API must know
 */
public record AdminConfig(
    boolean enabled, String host, int port, boolean api, AccessTokens tokens, AdminTlsConfig tls) {

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
            AccessTokens.from(in),
            AdminTlsConfig.from(in.section("tls")));
    in.require(!config.host.isBlank(), "host", "must be an address to listen on");
    in.require(config.port >= 0 && config.port <= 65_535, "port", "must be 0 to 65535");
    in.require(
        !config.api || config.isLoopback() || config.knowsItsCallers(),
        "api",
        "is on and admin.host can be reached from elsewhere; set admin.token,"
            + " admin.tokens or admin.tls.client-ca, or leave admin.host at 127.0.0.1");
    return config;
  }

  /** Whether only this machine reaches it. */
  boolean isLoopback() {
    return isLoopback(host);
  }

  static boolean isLoopback(String host) {
    return LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches();
  }

  /** Whether tokens go over a network as they are. */
  boolean exposesTokens() {
    return api && !tokens.isEmpty() && !isLoopback() && !tls.encrypt();
  }

  /** Whether a caller has to prove who it is. */
  boolean knowsItsCallers() {
    return !tokens.isEmpty() || tls.clientCa().isPresent();
  }
}
