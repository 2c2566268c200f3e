package io.outboxrelay.admin;

import io.outboxrelay.audit.Audit;
import io.outboxrelay.audit.Author;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.OpenAPIRoute;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operations of {@code openapi.yaml}: each request is held to it before it is looked at, and
 * each operation of it is there.
 */
final class Api {
  private static final String BASE = "/api/";

  private static final Logger LOG = LoggerFactory.getLogger(Api.class);

  private final OutboxNames names;
  private final Visits visits;
  private final History history;
  private final Map<String, Operation> operations = new HashMap<>();

  Api(Vertx vertx, Standpoint standpoint) {
    this.names = standpoint.names();
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
              var builder = RouterBuilder.create(vertx, contract, new RequestReader(vertx));
              builder.getRoutes().forEach(this::mount);
              return builder.createRouter();
            });
  }

  /** Notes what a caller wanted to do and may not. */
  void noteRefused(Identity caller, String what, Refusal refusal) {
    var entry = new Audit.Entry(new Author(caller.name(), Author.Via.API), "refused", what);
    visits
        .visit(
            connection -> Audit.note(connection, names, entry, "not done: " + refusal.sentence()))
        .onFailure(
            failure ->
                LOG.warn(
                    "{} of {} was refused, and the audit could not be told",
                    what,
                    caller.name(),
                    failure));
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
    route.setDoSecurity(false).addHandler(request -> answer(request, operation));
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
