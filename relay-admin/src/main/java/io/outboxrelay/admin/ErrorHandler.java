package io.outboxrelay.admin;

import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.deadletter.OperationRefusedException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.openapi.validation.ValidatorException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns every failure into {@code {"error": "a sentence"}}.
 *
 * <p>Unexpected failures are logged with the path, and the caller gets only a general sentence.
 */
final class ErrorHandler implements Handler<RoutingContext> {
  private static final Logger LOG = LoggerFactory.getLogger(ErrorHandler.class);

  @Override
  public void handle(RoutingContext request) {
    if (request.response().ended() || request.response().headWritten()) {
      request.request().connection().close();
      return;
    }
    var unused = send(request.response(), of(request));
  }

  /** Sends the refusal as the whole answer. */
  static Future<Void> send(HttpServerResponse response, ApiException refusal) {
    return response
        .setStatusCode(refusal.status())
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .end(new JsonObject().put("error", refusal.sentence()).toBuffer());
  }

  /**
   * Returns the refusal that belongs to the failure of a request. A failure of a known type may be
   * wrapped, as the cause of a general exception.
   */
  private static ApiException of(RoutingContext request) {
    for (var cause = request.failure(); cause != null; cause = cause.getCause()) {
      var refusal = told(request, cause);
      if (refusal != null) {
        return refusal;
      }
    }
    return byStatus(request, request.failure());
  }

  private static @Nullable ApiException told(RoutingContext request, Throwable failure) {
    if (failure instanceof ApiException refusal) {
      return refusal;
    }
    if (failure instanceof OperationRefusedException refused) {
      return new ApiException(409, String.valueOf(refused.getMessage()));
    }
    if (failure instanceof DecodeException) {
      return new ApiException(
          400, "the request's body is not the JSON that it must be; nothing was done");
    }
    if (failure instanceof DatabaseException unusable) {
      LOG.debug("{} could not be answered", request.request().path(), unusable);
      return new ApiException(
          503, unusable.getMessage() + ". Nothing was done; try again when that is corrected");
    }
    if (failure instanceof ValidatorException mistake) {
      return new ApiException(400, ValidationMessages.sentence(mistake));
    }
    return null;
  }

  private static ApiException byStatus(RoutingContext request, @Nullable Throwable failure) {
    int status = request.statusCode();
    return switch (status) {
      case 400 -> new ApiException(400, "the request cannot be read; see /api/v1/openapi.json");
      case 404 ->
          new ApiException(
              404,
              "there is nothing at " + request.request().path() + "; see /api/v1/openapi.json");
      case 405 ->
          new ApiException(
              405, request.request().method() + " is not for " + request.request().path());
      case 415 -> new ApiException(415, "the request's body must be of type application/json");
      default -> {
        LOG.warn("{} {} failed", request.request().method(), request.request().path(), failure);
        yield new ApiException(500, "an unexpected failure; the relay's log says more");
      }
    };
  }
}
