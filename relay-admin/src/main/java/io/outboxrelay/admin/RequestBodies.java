package io.outboxrelay.admin;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;

/**
 * Reads the bodies of requests into memory. The size of each body, the number of bodies at a time,
 * and the time for reading one are limited.
 *
 * <p>The number of small bodies and that of large ones are limited separately. Large bodies that
 * arrive slowly therefore delay only other large bodies. A body counts until its request is
 * answered. Used on one event loop.
 */
final class RequestBodies {
  /** The largest body; a larger one is refused. */
  static final int MOST_BYTES = 4 * 1024 * 1024;

  /**
   * The largest body that counts as small, in bytes. A request that lists the numbers of a thousand
   * dead letters has about a tenth of this size.
   */
  static final int SMALL_BYTES = 64 * 1024;

  static final int LARGE_AT_A_TIME = 2;
  static final int SMALL_AT_A_TIME = 32;

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int UNKNOWN = Integer.MAX_VALUE;

  private final Vertx vertx;
  private int large;
  private int small;

  RequestBodies(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Returns the value of {@code Content-Length}; 0 if the header is missing. */
  static long announced(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    if (length == null) {
      return 0;
    }
    try {
      return Math.max(0, Long.parseLong(length.trim()));
    } catch (NumberFormatException e) {
      return UNKNOWN;
    }
  }

  /**
   * Reads the body of a request. Fails with an {@link ApiException} if the body exceeds a limit.
   * The caller must call this method in the event that delivered the request, because otherwise
   * parts of the body could be lost.
   *
   * @param most the most bytes that the body may have
   */
  Future<Buffer> read(RoutingContext context, int most) {
    var request = context.request();
    // HTTP/2 needs no Content-Length. Without that header, it is not known yet if there is a body.
    boolean isOpen =
        request.version() == HttpVersion.HTTP_2 && request.getHeader("Content-Length") == null;
    long announced = isOpen ? UNKNOWN : announced(request);
    if (announced == 0) {
      return Future.succeededFuture(Buffer.buffer());
    }
    if (announced > most && announced != UNKNOWN) {
      return Future.failedFuture(tooLarge(most));
    }
    if (!take(context, announced > SMALL_BYTES)) {
      context.response().putHeader("Retry-After", Long.toString(PATIENCE.toSeconds()));
      return Future.failedFuture(
          new ApiException(503, "too many bodies are being read already; try again in a while"));
    }
    if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
      var unused = context.response().writeContinue();
    }
    return receive(request, most);
  }

  private boolean take(RoutingContext context, boolean isLarge) {
    if (isLarge ? large >= LARGE_AT_A_TIME : small >= SMALL_AT_A_TIME) {
      return false;
    }
    count(isLarge, 1);
    context.addEndHandler(over -> count(isLarge, -1));
    return true;
  }

  private void count(boolean isLarge, int change) {
    if (isLarge) {
      large += change;
    } else {
      small += change;
    }
  }

  private Future<Buffer> receive(HttpServerRequest request, int most) {
    Promise<Buffer> whole = Promise.promise();
    var body = Buffer.buffer();
    long timer =
        vertx.setTimer(
            PATIENCE.toMillis(),
            late ->
                whole.tryFail(
                    new ApiException(
                        408,
                        "the body did not come within %d s; nothing was done"
                            .formatted(PATIENCE.toSeconds()))));
    request
        .handler(
            part -> {
              if (whole.future().isComplete()) {
                return;
              }
              body.appendBuffer(part);
              if (body.length() > most) {
                whole.tryFail(tooLarge(most));
              }
            })
        .exceptionHandler(whole::tryFail)
        .endHandler(end -> whole.tryComplete(body));
    return whole.future().onComplete(read -> vertx.cancelTimer(timer));
  }

  private static ApiException tooLarge(int most) {
    return new ApiException(
        413, "the request's body is larger than " + most + " bytes; nothing was done");
  }
}
