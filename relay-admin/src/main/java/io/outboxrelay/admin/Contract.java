package io.outboxrelay.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The API's document, {@code openapi.yaml}: requests are held to it, and callers may read it. */
final class Contract {
  private static final String FILE = "openapi.yaml";

  private Contract() {}

  /** The document as it is written. */
  @SuppressWarnings("unchecked")
  static JsonObject document() {
    try (InputStream in = Objects.requireNonNull(Contract.class.getResourceAsStream(FILE), FILE)) {
      Object parsed = new Yaml(new SafeConstructor(new LoaderOptions())).load(in);
      return new JsonObject((Map<String, Object>) parsed);
    } catch (IOException e) {
      throw new IllegalStateException(FILE + " cannot be read", e);
    }
  }

  static Future<OpenAPIContract> read(Vertx vertx) {
    return OpenAPIContract.from(vertx, document());
  }
}
