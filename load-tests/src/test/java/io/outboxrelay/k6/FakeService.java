package io.outboxrelay.k6;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Answers like the employee service, but the test decides what the directory shows. So it can break
 * promises, and a run must fail.
 */
final class FakeService implements AutoCloseable {
  private static final int CONFLICT = 409;

  private final Vertx vertx = Vertx.vertx();
  private final Map<String, Integer> versions = new ConcurrentHashMap<>();
  private final UnaryOperator<JsonArray> history;
  private final JsonObject agreement;
  private final HttpServer server;

  /**
   * @param history changes the written versions of an employee into those that the directory shows
   */
  FakeService(UnaryOperator<JsonArray> history, JsonObject agreement) {
    this.history = history;
    this.agreement = agreement;
    this.server =
        vertx
            .createHttpServer()
            .requestHandler(request -> request.body().onSuccess(body -> answer(request, body)))
            .listen(0, "127.0.0.1")
            .await();
  }

  String address() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  private void answer(HttpServerRequest request, Buffer body) {
    var path = request.path();
    if (path.equals("/agreement")) {
      respond(request, 200, agreement);
    } else if (path.startsWith("/directory/")) {
      respond(request, 200, JsonObject.of("history", history.apply(written(id(path)))));
    } else if (request.method().equals(HttpMethod.POST)) {
      var id = UUID.randomUUID().toString();
      versions.put(id, 1);
      respond(request, 201, employee(id));
    } else {
      int seen =
          request.method().equals(HttpMethod.PUT)
              ? body.toJsonObject().getInteger("version")
              : Integer.parseInt(request.getParam("version"));
      change(request, id(path), seen);
    }
  }

  private void change(HttpServerRequest request, String id, int seen) {
    boolean fresh = versions.replace(id, seen, seen + 1);
    respond(request, fresh ? 200 : CONFLICT, employee(id));
  }

  private JsonObject employee(String id) {
    return JsonObject.of("id", id, "version", versions.get(id), "name", "Ada", "department", "new");
  }

  private JsonArray written(String id) {
    return new JsonArray(IntStream.rangeClosed(1, versions.getOrDefault(id, 0)).boxed().toList());
  }

  private static String id(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static void respond(HttpServerRequest request, int status, JsonObject body) {
    request.response().setStatusCode(status).end(body.toBuffer());
  }

  @Override
  public void close() {
    vertx.close().await();
  }
}
