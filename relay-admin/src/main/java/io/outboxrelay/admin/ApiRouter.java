package io.outboxrelay.admin;

import io.outboxrelay.audit.Actor;
import io.outboxrelay.audit.AuditLog;
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
 * Routes the requests of the API to its operations. Each request is validated against {@code
 * openapi.yaml} before its operation runs. If an operation in that document has no implementation,
 * {@link #start} fails.
 */
final class ApiRouter {
  private static final String BASE = "/api/";

  private static final Logger LOG = LoggerFactory.getLogger(ApiRouter.class);

  private final OutboxNames names;
  private final AdminConnections adminConnections;
  private final MetricsHistory history;
  private final Map<String, ApiOperation> operations = new HashMap<>();

  ApiRouter(Vertx vertx, RelayInfo relayInfo) {
    this.names = relayInfo.names();
    this.adminConnections = new AdminConnections(vertx, relayInfo.configuration().database());
    this.history = new MetricsHistory(vertx, adminConnections, relayInfo);
    var document = OpenApiDocument.document();
    operations.put("getOpenApi", asked -> Future.succeededFuture(ApiResponse.of(document)));
    new StatusOperations(adminConnections, relayInfo, history).addTo(operations);
    new DeadLetterOperations(adminConnections, relayInfo.names()).addTo(operations);
    new PauseOperations(adminConnections, relayInfo.names()).addTo(operations);
    new ReplayOperations(adminConnections, relayInfo).addTo(operations);
    new EventOperations(adminConnections, relayInfo).addTo(operations);
    new ExportOperations(adminConnections, relayInfo.names()).addTo(operations);
  }

  /** Starts to record the history and completes with the router of the API. */
  Future<Router> start(Vertx vertx) {
    history.start();
    return OpenApiDocument.read(vertx)
        .map(
            contract -> {
              var builder = RouterBuilder.create(vertx, contract, new RequestReader(vertx));
              builder.getRoutes().forEach(this::mount);
              return builder.createRouter();
            });
  }

  /** Adds an entry to the audit log: the request of this caller for a change was refused. */
  void noteRefused(Identity caller, String what, ApiException refusal) {
    var entry = new AuditLog.Entry(new Actor(caller.name(), Actor.Channel.API), "refused", what);
    adminConnections
        .visit(
            connection ->
                AuditLog.note(connection, names, entry, "not done: " + refusal.sentence()))
        .onFailure(
            failure ->
                LOG.warn(
                    "{} of {} was refused, and the audit log could not be written",
                    what,
                    caller.name(),
                    failure));
  }

  /**
   * Adds the route of one operation. Requests that reach it are already authenticated. Requests for
   * health and metrics do not reach this router, because other handlers answer them before.
   */
  private void mount(OpenAPIRoute route) {
    if (!route.getOperation().getOpenAPIPath().startsWith(BASE)) {
      route.setDoSecurity(false).addHandler(RoutingContext::next);
      return;
    }
    String name = route.getOperation().getOperationId();
    var operation = operations.get(name);
    if (operation == null) {
      throw new IllegalStateException(
          "openapi.yaml has the operation " + name + ", which has no implementation");
    }
    route.setDoSecurity(false).addHandler(request -> answer(request, operation));
  }

  private static void answer(RoutingContext request, ApiOperation operation) {
    Future<ApiResponse> answered;
    try {
      answered = operation.answer(new ApiRequest(request));
    } catch (RuntimeException e) {
      answered = Future.failedFuture(e);
    }
    answered.onComplete(answer -> send(request, answer), request::fail);
  }

  private static void send(RoutingContext request, ApiResponse answer) {
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
    return adminConnections.close();
  }
}
