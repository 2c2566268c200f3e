package io.outboxrelay.admin;

import static io.outboxrelay.testkit.TestTimeout.done;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An HTTP client of the admin server. */
final class Caller {
  private final HttpClient client;
  private final int port;
  private final Map<String, String> headers = new LinkedHashMap<>();

  /** The response. */
  record Answer(int status, Map<String, String> headers, Buffer body) {
    JsonObject json() {
      return body.toJsonObject();
    }

    String error() {
      return json().getString("error");
    }
  }

  Caller(Vertx vertx, int port) {
    this(vertx.createHttpClient(), port);
  }

  Caller(Vertx vertx, int port, HttpClientOptions options) {
    this(vertx.createHttpClient(options), port);
  }

  private Caller(HttpClient client, int port) {
    this.client = client;
    this.port = port;
  }

  /** Returns a caller that adds this header to each request. */
  Caller with(String header, String value) {
    var other = new Caller(client, port);
    other.headers.putAll(headers);
    other.headers.put(header, value);
    return other;
  }

  Answer get(String path) {
    return ask(HttpMethod.GET, path, null);
  }

  Answer post(String path, JsonObject body) {
    return ask(HttpMethod.POST, path, body.toBuffer());
  }

  Answer ask(HttpMethod method, String path, @Nullable Buffer body) {
    var options =
        new RequestOptions().setMethod(method).setHost("127.0.0.1").setPort(port).setURI(path);
    if (body != null) {
      options.putHeader("Content-Type", "application/json");
    }
    headers.forEach(options::putHeader);
    return done(client.request(options).compose(request -> ask(request, body)));
  }

  /**
   * Runs on the event loop, because on another thread the body could arrive before its handler is
   * set.
   */
  private static Future<Answer> ask(HttpClientRequest request, @Nullable Buffer body) {
    return (body == null ? request.send() : request.send(body))
        .compose(response -> response.body().map(got -> answer(response, got)));
  }

  private static Answer answer(HttpClientResponse response, Buffer body) {
    var told = new LinkedHashMap<String, String>();
    response.headers().forEach((name, value) -> told.put(name.toLowerCase(Locale.ROOT), value));
    return new Answer(response.statusCode(), told, body);
  }
}
