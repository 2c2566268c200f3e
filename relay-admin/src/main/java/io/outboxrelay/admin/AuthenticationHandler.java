package io.outboxrelay.admin;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Authenticates callers of the API by a token or a certificate. If the server can be reached only
 * from this machine, and neither tokens nor certificates are configured, every caller on this
 * machine is an operator.
 *
 * <p>Requests from pages of other sites in an operator's browser are refused. Such a page could
 * send requests on the operator's behalf, which the header {@code Origin} shows, or make its own
 * host name point to this server, which the header {@code Host} shows.
 */
final class AuthenticationHandler implements Handler<RoutingContext> {
  private static final Logger LOG = LoggerFactory.getLogger(AuthenticationHandler.class);
  private static final String CALLER = "caller";
  private static final String BEARER = "Bearer ";
  private static final long REREAD_MILLIS = 1_000;

  /**
   * The time, in milliseconds, by which the answer to a wrong token is delayed if its caller has
   * sent too many wrong tokens.
   */
  private static final long SLOWED_MILLIS = 1_000;

  private final AdminConfig config;
  private final FailedAuthLimiter attempts;
  private final RefusedChanges refusedChanges;
  private final FailedAuthLimiter noted = new FailedAuthLimiter(() -> {});

  /** Receives each request for a change that was refused. */
  interface RefusedChanges {
    /**
     * @param what the method and the path, such as {@code POST /api/v1/pauses}
     */
    void note(Identity caller, String what, ApiException refusal);
  }

  /** The digest of each token, by the caller's name. */
  private volatile Map<String, byte[]> known;

  /** The names of the callers with a token file that cannot be used at present. */
  private final Set<String> unusable = ConcurrentHashMap.newKeySet();

  AuthenticationHandler(
      Vertx vertx, AdminConfig config, FailedAuthLimiter attempts, RefusedChanges refusedChanges) {
    this.config = config;
    this.attempts = attempts;
    this.refusedChanges = refusedChanges;
    this.known = digests();
    if (config.tokens().areInFiles()) {
      vertx.setPeriodic(REREAD_MILLIS, due -> vertx.executeBlocking(this::reread, false));
    }
  }

  /**
   * Reads the tokens again. If tokens are in files, this happens every second. A new token in a
   * file is therefore valid within a second, and the replaced token is invalid from then on.
   */
  private Map<String, byte[]> reread() {
    known = digests();
    return known;
  }

  private Map<String, byte[]> digests() {
    var digests = new TreeMap<String, byte[]>();
    config
        .tokens()
        .byName()
        .forEach(
            (name, token) ->
                AdminTokensConfig.usable(token)
                    .ifPresentOrElse(
                        value -> {
                          unusable.remove(name);
                          digests.put(name, digest(value));
                        },
                        () -> tellUnusable(name)));
    return digests;
  }

  private void tellUnusable(String name) {
    if (unusable.add(name)) {
      LOG.warn(
          "the file with the token of {} cannot be read or holds a token that is too short, so this"
              + " caller is refused until the file is corrected",
          name);
    }
  }

  /** Returns the authenticated caller of the request. */
  static Identity caller(RoutingContext request) {
    return request.get(CALLER);
  }

  @Override
  public void handle(RoutingContext request) {
    var refusal = objection(request);
    if (refusal == null) {
      refusal = overstepped(request);
    }
    if (refusal == null) {
      request.next();
    } else if (refusal.status() == 429) {
      slowly(request, refusal);
    } else {
      request.fail(refusal);
    }
  }

  private static void slowly(RoutingContext request, ApiException refusal) {
    request
        .vertx()
        .setTimer(
            SLOWED_MILLIS,
            over -> {
              if (!request.response().closed()) {
                request.fail(refusal);
              }
            });
  }

  /**
   * Returns the refusal of a request by which a read-only caller would change something; null if
   * the request is allowed. Every request that changes something uses another method than GET.
   */
  private @Nullable ApiException overstepped(RoutingContext request) {
    var caller = caller(request);
    var method = request.request().method();
    if (caller.role() == Role.OPERATOR || method.equals(HttpMethod.GET)) {
      return null;
    }
    var refusal =
        new ApiException(403, caller.name() + " has read-only access; ask an operator to do it");
    String what = method + " " + request.request().path();
    if (!noted.areTooMany(caller.name())) {
      noted.failed(caller.name());
      LOG.warn("refused {}, which has read-only access: {}", caller.name(), what);
      refusedChanges.note(caller, what, refusal);
    }
    return refusal;
  }

  private @Nullable ApiException objection(RoutingContext request) {
    var foreign = foreign(request.request());
    if (foreign != null) {
      return foreign;
    }
    if (!config.knowsItsCallers()) {
      request.put(CALLER, new Identity("an operator on the relay's machine", Role.OPERATOR));
      return null;
    }
    var subject = certified(request.request());
    return subject.isPresent() ? withCertificate(request, subject.get()) : withToken(request);
  }

  private @Nullable ApiException withCertificate(RoutingContext request, X500Principal subject) {
    var role = config.tls().subjects().role(subject);
    if (role.isEmpty()) {
      LOG.warn(
          "refused the certificate of {}, which is in neither admin.tls.operators nor"
              + " admin.tls.read-only",
          subject.getName());
      return new ApiException(
          403,
          subject.getName()
              + " is refused: it is neither in admin.tls.operators nor in admin.tls.read-only");
    }
    request.put(CALLER, new Identity(subject.getName(), role.get()));
    return null;
  }

  /**
   * Authenticates a request by its token. Returns the refusal; null if the token is right. The
   * token is compared before failures are counted, so that wrong tokens never lock out a caller
   * with the right token.
   */
  private @Nullable ApiException withToken(RoutingContext request) {
    if (config.tokens().isEmpty()) {
      challenge(request);
      return new ApiException(
          401,
          "authentication is required: connect with a certificate that admin.tls.client-ca has"
              + " issued");
    }
    String given = request.request().getHeader("Authorization");
    if (given == null) {
      challenge(request);
      return new ApiException(
          401,
          "authentication is required: send the header Authorization: Bearer, with a token"
              + " of admin.token or admin.tokens");
    }
    var name = given.regionMatches(true, 0, BEARER, 0, BEARER.length()) ? name(given) : null;
    if (name == null) {
      return wrong(request);
    }
    request.put(CALLER, new Identity(name, config.tokens().role(name)));
    return null;
  }

  private ApiException wrong(RoutingContext request) {
    String address = String.valueOf(request.request().remoteAddress().hostAddress());
    boolean areTooMany = attempts.areTooMany(address);
    attempts.failed(address);
    challenge(request);
    if (areTooMany) {
      request
          .response()
          .putHeader("Retry-After", Long.toString(FailedAuthLimiter.WHILE.toSeconds()));
      return new ApiException(
          429, "there were too many wrong tokens from this address; only a valid one is accepted");
    }
    LOG.warn("a caller from {} sent a wrong token", address);
    return new ApiException(
        401, "the token is wrong; the valid ones are set in admin.token or admin.tokens");
  }

  private static void challenge(RoutingContext request) {
    request.response().putHeader("WWW-Authenticate", "Bearer");
  }

  /**
   * Returns the caller's name for this token; null if the token is unknown. The time of the
   * comparison does not depend on the token: all digests have the same length, and every known
   * token is compared even after a match.
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

  /**
   * Returns the subject of the certificate that the TLS handshake has verified; empty if there is
   * none.
   */
  private Optional<X500Principal> certified(HttpServerRequest request) {
    if (config.tls().clientCa().isEmpty() || !request.isSSL()) {
      return Optional.empty();
    }
    try {
      var chain = request.connection().peerCertificates();
      return chain.isEmpty()
          ? Optional.empty()
          : Optional.of(((X509Certificate) chain.get(0)).getSubjectX500Principal());
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  private @Nullable ApiException foreign(HttpServerRequest request) {
    var host = request.authority();
    String origin = request.getHeader("Origin");
    String site = request.getHeader("Sec-Fetch-Site");
    if (host == null
        || (origin != null && !isSame(origin, host))
        || (site != null && !site.equals("same-origin") && !site.equals("none"))) {
      return new ApiException(
          403,
          "the request comes from a page of another site; only the relay's own pages may send it");
    }
    if (config.isLoopback() && config.tokens().isEmpty() && !isOurs(host)) {
      return new ApiException(
          403,
          "the host name in the address is not one of this machine; use "
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
