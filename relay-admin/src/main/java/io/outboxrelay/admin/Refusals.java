package io.outboxrelay.admin;

import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.deadletter.RefusedException;
import io.vertx.core.Handler;
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
 * <p>What nobody meant for a caller goes to the log alone, where the path stands beside it.
 */
final class Refusals implements Handler<RoutingContext> {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  @Override
  public void handle(RoutingContext request) {
    if (request.response().ended() || request.response().headWritten()) {
      request.request().connection().close();
      return;
    }
    var refusal = of(request);
    request
        .response()
        .setStatusCode(refusal.status())
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .end(new JsonObject().put("error", refusal.sentence()).toBuffer());
  }

  /** What is known to be wrong may stand behind an exception that only says that something is. */
  private static Refusal of(RoutingContext request) {
    for (var cause = request.failure(); cause != null; cause = cause.getCause()) {
      var refusal = told(request, cause);
      if (refusal != null) {
        return refusal;
      }
    }
    return byStatus(request, request.failure());
  }

  private static @Nullable Refusal told(RoutingContext request, Throwable failure) {
    if (failure instanceof Refusal refusal) {
      return refusal;
    }
    if (failure instanceof RefusedException refused) {
      return new Refusal(409, String.valueOf(refused.getMessage()));
    }
    if (failure instanceof DecodeException) {
      return new Refusal(
          400, "the request's body is not the JSON that it must be; nothing was done");
    }
    if (failure instanceof DatabaseException unreachable) {
      LOG.debug("{} could not be answered", request.normalizedPath(), unreachable);
      return new Refusal(
          503, "the database does not answer; the relay's log says why. Try again in a while");
    }
    if (failure instanceof ValidatorException mistake) {
      return new Refusal(400, Mistake.sentence(mistake));
    }
    return null;
  }

  private static Refusal byStatus(RoutingContext request, @Nullable Throwable failure) {
    int status = request.statusCode();
    return switch (status) {
      case 400 -> new Refusal(400, "the request cannot be read; see /api/v1/openapi.json");
      case 404 ->
          new Refusal(
              404,
              "there is nothing at " + request.normalizedPath() + "; see /api/v1/openapi.json");
      case 405 ->
          new Refusal(405, request.request().method() + " is not for " + request.normalizedPath());
      case 413 ->
          new Refusal(
              413,
              "the request is larger than " + Front.MOST_BYTES + " bytes; nothing was" + " done");
      case 415 -> new Refusal(415, "the request's body must be of type application/json");
      default -> {
        LOG.warn("{} {} failed", request.request().method(), request.normalizedPath(), failure);
        yield new Refusal(500, "it failed, which nobody expected; the relay's log says more");
      }
    };
  }
}
