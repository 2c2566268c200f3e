package io.outboxrelay.example;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.StaticHandler;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP API of both sides. A refused request is answered with a sentence that says why. */
final class EmployeeApi {
  private static final Logger LOG = LoggerFactory.getLogger(EmployeeApi.class);
  private static final int LARGEST_BODY = 16 * 1024;
  private static final long PATIENCE_MILLIS = 10_000;
  private static final int LONGEST_PATIENCE_MILLIS = 120_000;
  private static final Map<Integer, String> SENTENCES =
      Map.of(
          404, "there is nothing here; try /employees, /directory or /agreement",
          405, "this cannot be done here; the README lists what can",
          413, "the body is larger than " + LARGEST_BODY + " bytes");

  private final Employees employees;
  private final EmployeeDirectory directory;
  private final ConsistencyCheck agreement;

  EmployeeApi(Employees employees, EmployeeDirectory directory, ConsistencyCheck agreement) {
    this.employees = employees;
    this.directory = directory;
    this.agreement = agreement;
  }

  Router router(Vertx vertx) {
    var router = Router.router(vertx);
    router.route().handler(BodyHandler.create(false).setBodyLimit(LARGEST_BODY));
    on(router, HttpMethod.POST, "/employees", 201, this::add);
    on(router, HttpMethod.GET, "/employees", 200, request -> employees.latest());
    on(router, HttpMethod.GET, "/employees/:id", 200, request -> json(employees.find(id(request))));
    on(router, HttpMethod.PUT, "/employees/:id", 200, this::change);
    on(router, HttpMethod.DELETE, "/employees/:id", 200, this::delete);
    on(router, HttpMethod.GET, "/directory", 200, request -> directory.latest());
    on(router, HttpMethod.GET, "/directory/:id", 200, this::find);
    on(router, HttpMethod.GET, "/agreement", 200, request -> agreement.now());
    router.get("/").handler(StaticHandler.create("page"));
    router.route().failureHandler(EmployeeApi::fail);
    SENTENCES.keySet().forEach(status -> router.errorHandler(status, EmployeeApi::fail));
    return router;
  }

  private static void on(
      Router router,
      HttpMethod method,
      String path,
      int status,
      Function<RoutingContext, Future<?>> answer) {
    router
        .route(method, path)
        .handler(
            request ->
                answer
                    .apply(request)
                    .compose(
                        found -> {
                          request.response().setStatusCode(status);
                          return request.json(found);
                        })
                    .onFailure(request::fail));
  }

  private Future<JsonObject> add(RoutingContext request) {
    var form = EmployeeForm.of(request.body());
    form.refuseMistakes();
    return json(employees.add(form.name(), form.department()));
  }

  private Future<JsonObject> change(RoutingContext request) {
    var form = EmployeeForm.of(request.body());
    form.requireVersion().refuseMistakes();
    return json(employees.change(id(request), form.version(), form.name(), form.department()));
  }

  private Future<JsonObject> delete(RoutingContext request) {
    return json(employees.delete(id(request), number(request, "version", 1, Integer.MAX_VALUE)));
  }

  /**
   * Returns the entry. With {@code ?version=3}, waits until the directory has reached that version,
   * so that a caller can read its own write.
   */
  private Future<JsonObject> find(RoutingContext request) {
    var id = id(request);
    int version =
        request.request().getParam("version") == null
            ? 0
            : number(request, "version", 1, Integer.MAX_VALUE);
    long patience =
        request.request().getParam("patience") == null
            ? PATIENCE_MILLIS
            : number(request, "patience", 1, LONGEST_PATIENCE_MILLIS);
    return directory
        .find(id, version, patience)
        .map(
            found -> {
              if (found.getInteger("version") == 0) {
                throw new HttpException(
                    404, "there is no employee " + id + " in the directory, or not yet");
              }
              return found;
            });
  }

  private static Future<JsonObject> json(Future<Employee> employee) {
    return employee.map(Employee::toJson);
  }

  private static UUID id(RoutingContext request) {
    var id = request.pathParam("id");
    try {
      return UUID.fromString(id);
    } catch (IllegalArgumentException e) {
      throw new HttpException(
          400, "\"%s\" is not the id of an employee, which is a UUID".formatted(id));
    }
  }

  private static int number(RoutingContext request, String name, int least, int most) {
    var text = request.request().getParam(name);
    try {
      int number = Integer.parseInt(String.valueOf(text));
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // answered below, like a number out of range
    }
    throw new HttpException(
        400,
        "%s is %s, but has to be a number from %d to %d"
            .formatted(name, text == null ? "missing" : "\"" + text + "\"", least, most));
  }

  private static void fail(RoutingContext request) {
    var failure = request.failure();
    int status = failure instanceof HttpException refused ? refused.status() : request.statusCode();
    var sentence = SENTENCES.get(status);
    if (failure instanceof HttpException) {
      sentence = failure.getMessage();
    } else if (status < 400 || status >= 500) {
      LOG.error("{} {} failed", request.request().method(), request.request().path(), failure);
      status = 500;
      sentence = "this failed on our side, and nothing was changed; the log says why";
    }
    request.response().setStatusCode(status);
    request.json(
        JsonObject.of("error", sentence == null ? "this is not a valid request" : sentence));
  }
}
