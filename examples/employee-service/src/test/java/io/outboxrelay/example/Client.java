package io.outboxrelay.example;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** A client of the service over HTTP. */
final class Client {
  private final HttpClient http = HttpClient.newHttpClient();
  private final String service;

  record Answer(int status, String text) {
    JsonObject json() {
      return new JsonObject(text);
    }
  }

  Client(String service) {
    this.service = service;
  }

  Answer ask(String method, String path, String body) throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(service + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    var response = http.send(request, HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), response.body());
  }

  JsonObject get(String path) throws IOException, InterruptedException {
    return ask("GET", path, "").json();
  }

  /** Adds an employee, and returns its id. */
  String add(String name) throws IOException, InterruptedException {
    return ask("POST", "/employees", JsonObject.of("name", name, "department", "new").encode())
        .json()
        .getString("id");
  }

  /** Changes the department of an employee that is at this version. */
  Answer move(String id, int version, String department) throws IOException, InterruptedException {
    return ask(
        "PUT",
        "/employees/" + id,
        JsonObject.of("name", "Ada", "department", department, "version", version).encode());
  }

  /** Returns the directory's entry, once it is at this version. */
  JsonObject read(String id, int version) throws IOException, InterruptedException {
    return get("/directory/" + id + "?version=" + version + "&patience=60000");
  }
}
