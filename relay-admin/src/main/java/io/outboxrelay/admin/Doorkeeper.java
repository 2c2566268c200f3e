package io.outboxrelay.admin;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets callers of the API in who prove who they are, by a token or a certificate; on a server that
 * only this machine reaches and that has neither, whoever is on it.
 *
 * <p>A page of another site in somebody's browser is not let in: it could send requests in that
 * somebody's name (then {@code Origin} tells), or have its own name point here (then {@code Host}
 * does).
 */
final class Doorkeeper implements Handler<RoutingContext> {
  private static final Logger LOG = LoggerFactory.getLogger(Doorkeeper.class);
  private static final String CALLER = "caller";
  private static final String BEARER = "Bearer ";

  private final AdminConfig config;
  private final Attempts attempts;

  /** The digest of each token, by its name. */
  private final Map<String, byte[]> known = new TreeMap<>();

  Doorkeeper(AdminConfig config, Attempts attempts) {
    this.config = config;
    this.attempts = attempts;
    config.tokens().byName().forEach((name, token) -> known.put(name, digest(token.value())));
  }

  /** Who is asking, as the audit names it. */
  static String caller(RoutingContext request) {
    return request.get(CALLER);
  }

  /** Whether the caller may change something; every known caller may. */
  static boolean mayChange(RoutingContext request) {
    return request.get(CALLER) != null;
  }

  @Override
  public void handle(RoutingContext request) {
    var refusal = objection(request);
    if (refusal == null) {
      request.next();
    } else {
      request.fail(refusal);
    }
  }

  private @Nullable Refusal objection(RoutingContext request) {
    var foreign = foreign(request.request());
    if (foreign != null) {
      return foreign;
    }
    if (!config.knowsItsCallers()) {
      request.put(CALLER, "whoever is on the relay's machine");
      return null;
    }
    var certified = certified(request.request());
    if (certified.isPresent()) {
      request.put(CALLER, certified.get());
      return null;
    }
    return withToken(request);
  }

  private @Nullable Refusal withToken(RoutingContext request) {
    if (known.isEmpty()) {
      challenge(request);
      return new Refusal(401, "who asks? Show a certificate that admin.tls.client-ca has issued");
    }
    String address = String.valueOf(request.request().remoteAddress().hostAddress());
    if (attempts.areTooMany(address)) {
      request.response().putHeader("Retry-After", Long.toString(Attempts.WHILE.toSeconds()));
      return new Refusal(
          429, "there were too many wrong tokens from this address; try again in a minute");
    }
    String given = request.request().getHeader("Authorization");
    if (given == null) {
      challenge(request);
      return new Refusal(
          401,
          "who asks? Send the header Authorization: Bearer, with a token"
              + " of admin.token or admin.tokens");
    }
    var name = given.startsWith(BEARER) ? name(given) : null;
    if (name == null) {
      attempts.failed(address);
      LOG.warn("a caller from {} came with a token that is not the right one", address);
      challenge(request);
      return new Refusal(
          401, "the token is not the right one; it stands in admin.token or admin.tokens");
    }
    request.put(CALLER, name);
    return null;
  }

  private static void challenge(RoutingContext request) {
    request.response().putHeader("WWW-Authenticate", "Bearer");
  }

  /**
   * Whose token it is; null for nobody's. In the same time whatever is given: digests are of one
   * length, and each is compared to its end, also once one was found to be the same.
   */
  private @Nullable String name(String given) {
    byte[] digest = digest(given.substring(BEARER.length()).trim());
    String name = null;
    for (var token : known.entrySet()) {
      if (MessageDigest.isEqual(digest, token.getValue())) {
        name = token.getKey();
      }
    }
    return name;
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no SHA-256", e);
    }
  }

  /** The subject of a certificate that the handshake has checked. */
  private Optional<String> certified(HttpServerRequest request) {
    if (config.tls().clientCa().isEmpty() || !request.isSSL()) {
      return Optional.empty();
    }
    try {
      var chain = request.connection().peerCertificates();
      return chain.isEmpty()
          ? Optional.empty()
          : Optional.of(((X509Certificate) chain.get(0)).getSubjectX500Principal().getName());
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  private @Nullable Refusal foreign(HttpServerRequest request) {
    var host = request.authority();
    String origin = request.getHeader("Origin");
    String site = request.getHeader("Sec-Fetch-Site");
    if (host == null
        || (origin != null && !isSame(origin, host))
        || (site != null && !site.equals("same-origin") && !site.equals("none"))) {
      return new Refusal(403, "a page of another site asks; only the relay's own page may");
    }
    if (config.isLoopback() && config.tokens().isEmpty() && !isOurs(host)) {
      return new Refusal(
          403,
          "the name in the address is not this machine's; ask "
              + config.host()
              + ", or set"
              + " admin.token");
    }
    return null;
  }

  private static boolean isSame(String origin, HostAndPort host) {
    int scheme = origin.indexOf("://");
    return scheme > 0 && origin.substring(scheme + 3).equalsIgnoreCase(host.toString());
  }

  private boolean isOurs(HostAndPort host) {
    return AdminConfig.isLoopback(host.host()) || host.host().equalsIgnoreCase(config.host());
  }
}
