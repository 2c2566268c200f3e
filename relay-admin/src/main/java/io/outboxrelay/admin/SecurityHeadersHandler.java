package io.outboxrelay.admin;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Adds the security headers to each answer: with them, a browser loads only content of this server
 * into the server's pages, and no page of another server may embed or read these pages.
 */
final class SecurityHeadersHandler implements Handler<RoutingContext> {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src"
          + " 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors 'none'";

  private final Map<String, String> headers = new LinkedHashMap<>();

  SecurityHeadersHandler(boolean encrypted) {
    headers.put("Content-Security-Policy", POLICY);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("X-Frame-Options", "DENY");
    headers.put("Referrer-Policy", "no-referrer");
    headers.put("Cross-Origin-Opener-Policy", "same-origin");
    headers.put("Cross-Origin-Resource-Policy", "same-origin");
    headers.put("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
    if (encrypted) {
      headers.put("Strict-Transport-Security", "max-age=31536000");
    }
  }

  @Override
  public void handle(RoutingContext request) {
    put(request.response());
    request.next();
  }

  /** Adds the headers to an answer. */
  void put(HttpServerResponse response) {
    headers.forEach(response::putHeader);
  }
}
