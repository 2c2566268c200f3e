package io.outboxrelay.admin;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses malformed requests, and requests that a proxy in front of the server may have read
 * differently. It runs before all other handlers.
 *
 * <p>This class reads no body. Only the API's operations read bodies, after the caller is
 * authenticated.
 */
final class RequestScreen implements Handler<HttpServerRequest> {
  private static final Set<HttpMethod> WITHOUT_BODY =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.DELETE, HttpMethod.OPTIONS);

  private final ConnectionLimits connections;
  private final SecurityHeadersHandler armour;
  private final Handler<HttpServerRequest> next;

  /**
   * @param next handles the requests that are not refused
   */
  RequestScreen(
      ConnectionLimits connections,
      SecurityHeadersHandler armour,
      Handler<HttpServerRequest> next) {
    this.connections = connections;
    this.armour = armour;
    this.next = next;
  }

  @Override
  public void handle(HttpServerRequest request) {
    connections.began(request);
    var refusal = objection(request);
    if (refusal == null) {
      next.handle(request);
    } else {
      refuse(request, refusal);
    }
  }

  /** Refuses a request if its request line or headers could not be parsed. */
  void handleInvalid(HttpServerRequest request) {
    connections.began(request);
    refuse(request, unreadable(request.decoderResult().cause()));
  }

  private void refuse(HttpServerRequest request, ApiException refusal) {
    armour.put(request.response());
    var connection = request.connection();
    ErrorHandler.send(request.response().putHeader("Connection", "close"), refusal)
        .onComplete(sent -> connection.close());
  }

  private static ApiException unreadable(@Nullable Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return new ApiException(414, "the address of the request is too long; nothing was done");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return new ApiException(431, "the headers of the request are too long; nothing was done");
    }
    return new ApiException(400, "this is not a valid HTTP request; nothing was done");
  }

  private static @Nullable ApiException objection(HttpServerRequest request) {
    var headers = request.headers();
    // If the request had a Content-Length as well, Netty has removed that header, but a proxy may
    // have used it.
    if (headers.contains("Transfer-Encoding")) {
      return new ApiException(
          411, "a body must have the header Content-Length, and no Transfer-Encoding");
    }
    int hosts = headers.getAll("Host").size();
    if (hosts > 1 || (hosts == 0 && request.version() == HttpVersion.HTTP_1_1)) {
      return new ApiException(400, "the header Host must be there once; nothing was done");
    }
    if (!PercentCoding.isValid(request.uri())) {
      return new ApiException(
          400,
          "the address of the request cannot be read: it must be ASCII, with all else"
              + " percent-encoded in UTF-8; nothing was done");
    }
    if (WITHOUT_BODY.contains(request.method()) && RequestBodies.announced(request) > 0) {
      return new ApiException(400, request.method() + " takes no body here; nothing was done");
    }
    return null;
  }
}
