package io.outboxrelay.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.openapi.router.RouterBuilder;

/** The operations of {@code openapi.yaml}, each request held to it before it is looked at. */
final class Api {
  private Api() {}

  static Future<Router> router(Vertx vertx) {
    Buffer document = Contract.document().toBuffer();
    return Contract.read(vertx)
        .map(
            contract -> {
              var builder = RouterBuilder.create(vertx, contract);
              builder.rootHandler(BodyHandler.create(false).setBodyLimit(Front.MOST_BYTES));
              for (var route : builder.getRoutes()) {
                route.setDoSecurity(false);
                route.addHandler(
                    route.getOperation().getOperationId().equals("getContract")
                        ? request -> send(request, document)
                        : Api::notYet);
              }
              return builder.createRouter();
            });
  }

  private static void send(RoutingContext request, Buffer json) {
    request
        .response()
        .putHeader("Content-Type", "application/json")
        .putHeader("Cache-Control", "no-store")
        .end(json);
  }

  private static void notYet(RoutingContext request) {
    request.fail(new Refusal(501, "this relay cannot do that yet"));
  }
}
