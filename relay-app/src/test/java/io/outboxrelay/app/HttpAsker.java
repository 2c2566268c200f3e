package io.outboxrelay.app;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Sends requests to the HTTP server of a relay, with given headers and a given certificate. */
final class HttpAsker {
  private final HttpClient client;
  private final int port;
  private final Map<String, String> headers = new LinkedHashMap<>();

  /** The answer of the server. */
  record Answer(int status, String type, String body) {
    JsonObject json() {
      return new JsonObject(body);
    }
  }

  HttpAsker(Vertx vertx, int port, HttpClientOptions options) {
    this(vertx.createHttpClient(options), port);
  }

  private HttpAsker(HttpClient client, int port) {
    this.client = client;
    this.port = port;
  }

  HttpAsker withToken(String token) {
    var other = new HttpAsker(client, port);
    other.headers.putAll(headers);
    other.headers.put("Authorization", "Bearer " + token);
    return other;
  }

  Answer get(String path) {
    return ask(HttpMethod.GET, path, null);
  }

  Answer ask(HttpMethod method, String path, @Nullable JsonObject body) {
    var options =
        new RequestOptions().setMethod(method).setHost("127.0.0.1").setPort(port).setURI(path);
    if (body != null) {
      options.putHeader("Content-Type", "application/json");
    }
    headers.forEach(options::putHeader);
    var content = body == null ? Buffer.buffer() : body.toBuffer();
    Future<Answer> answered =
        client
            .request(options)
            .compose(
                request ->
                    (body == null ? request.send() : request.send(content))
                        .compose(
                            response ->
                                response
                                    .body()
                                    .map(
                                        got ->
                                            new Answer(
                                                response.statusCode(),
                                                String.valueOf(response.getHeader("Content-Type")),
                                                got.toString()))));
    try {
      return answered.await(60, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(path + " was not answered", e);
    }
  }
}
