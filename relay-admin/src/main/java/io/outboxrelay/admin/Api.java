package io.outboxrelay.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.openapi.router.OpenAPIRoute;
import io.vertx.ext.web.openapi.router.RequestExtractor;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.Location;
import io.vertx.openapi.contract.Parameter;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The operations of {@code openapi.yaml}: each request is held to it before it is looked at, and
 * each operation of it is there.
 */
final class Api {
  private static final String BASE = "/api/";

  private final Visits visits;
  private final History history;
  private final Map<String, Operation> operations = new HashMap<>();

  Api(Vertx vertx, Standpoint standpoint) {
    this.visits = new Visits(vertx, standpoint.database());
    this.history = new History(vertx, visits, standpoint);
    var document = Contract.document();
    operations.put("getContract", asked -> Future.succeededFuture(Answer.of(document)));
    new ViewOperations(visits, standpoint, history).addTo(operations);
    new LetterOperations(visits, standpoint.names()).addTo(operations);
    new SteeringOperations(visits, standpoint.names()).addTo(operations);
    new ReplayOperations(visits, standpoint).addTo(operations);
    new EventOperations(visits, standpoint).addTo(operations);
    new ExportOperations(visits, standpoint.names()).addTo(operations);
  }

  /** Begins to remember; completes with where requests go. */
  Future<Router> start(Vertx vertx) {
    history.start();
    return Contract.read(vertx)
        .map(
            contract -> {
              var builder =
                  RouterBuilder.create(vertx, contract, RequestExtractor.withBodyHandler());
              builder.rootHandler(BodyHandler.create(false).setBodyLimit(Front.MOST_BYTES));
              builder.getRoutes().forEach(this::mount);
              return builder.createRouter();
            });
  }

  /** The doorkeeper has checked who asks; health and metrics stand before him, and are answered. */
  private void mount(OpenAPIRoute route) {
    if (!route.getOperation().getOpenAPIPath().startsWith(BASE)) {
      route.setDoSecurity(false).addHandler(RoutingContext::next);
      return;
    }
    String name = route.getOperation().getOperationId();
    var operation = operations.get(name);
    if (operation == null) {
      throw new IllegalStateException(
          "openapi.yaml has the operation " + name + ", and nobody does it");
    }
    var known =
        route.getOperation().getParameters().stream()
            .filter(parameter -> parameter.getIn() == Location.QUERY)
            .map(Parameter::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    route
        .setDoSecurity(false)
        .addHandler(request -> verifyQuery(request, known))
        .addHandler(request -> answer(request, operation));
  }

  private static void verifyQuery(RoutingContext request, Set<String> known) {
    for (String name : request.queryParams().names()) {
      if (!known.contains(name)) {
        request.fail(
            new Refusal(
                400,
                "the parameter "
                    + name
                    + " is unknown"
                    + (known.isEmpty()
                        ? "; there are none"
                        : "; there are " + String.join(", ", known))
                    + ". Nothing was done"));
        return;
      }
    }
    request.next();
  }

  private static void answer(RoutingContext request, Operation operation) {
    Future<Answer> answered;
    try {
      answered = operation.answer(new Asked(request));
    } catch (RuntimeException e) {
      answered = Future.failedFuture(e);
    }
    answered.onComplete(answer -> send(request, answer), request::fail);
  }

  private static void send(RoutingContext request, Answer answer) {
    var response =
        request
            .response()
            .setStatusCode(answer.status())
            .putHeader("Content-Type", "application/json")
            .putHeader("Cache-Control", "no-store");
    if (answer.version() != null) {
      response.putHeader("ETag", '"' + answer.version() + '"');
    }
    response.end(answer.json().toBuffer());
  }

  Future<Void> close() {
    history.stop();
    return visits.close();
  }
}
