package io.outboxrelay.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.JsonSchemaValidationException;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.OpenAPIVersion;
import io.vertx.openapi.contract.impl.OpenAPIContractImpl;
import io.vertx.openapi.impl.OpenAPIFormatValidator;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The API's description, {@code openapi.yaml}: requests are validated against it, and callers may
 * read it.
 */
final class OpenApiDocument {
  private static final String FILE = "openapi.yaml";

  /** The parts of the meta-schema of JSON Schema, in the draft that OpenAPI 3.1 uses. */
  private static final List<String> META_SCHEMAS =
      List.of(
          "schema",
          "meta/core",
          "meta/applicator",
          "meta/validation",
          "meta/meta-data",
          "meta/format-annotation",
          "meta/content",
          "meta/unevaluated");

  private OpenApiDocument() {}

  /** Returns the document as it is written in the file. */
  @SuppressWarnings("unchecked")
  static JsonObject document() {
    try (InputStream in =
        Objects.requireNonNull(OpenApiDocument.class.getResourceAsStream(FILE), FILE)) {
      Object parsed = new Yaml(new SafeConstructor(new LoaderOptions())).load(in);
      return new JsonObject((Map<String, Object>) parsed);
    } catch (IOException e) {
      throw new IllegalStateException(FILE + " cannot be read", e);
    }
  }

  /**
   * Returns the document in the form that validates requests.
   *
   * <p>This replaces {@code OpenAPIContract.from}, which lets Vert.x find the schemas of OpenAPI.
   * Vert.x can do that only if it may unpack resources into a folder, but a relay may run without
   * any folder that it can write to.
   */
  static Future<OpenAPIContract> read(Vertx vertx) {
    var document = document();
    var version = OpenAPIVersion.fromContract(document);
    return vertx
        .executeBlocking(() -> schemas(version))
        .compose(
            schemas ->
                version
                    .validateContract(vertx, schemas, document)
                    .compose(
                        checked -> {
                          verify(checked);
                          return version.resolve(vertx, schemas, document);
                        })
                    .map(resolved -> new OpenAPIContractImpl(resolved, version, schemas)));
  }

  private static void verify(OutputUnit checked) {
    try {
      checked.checkValidity();
    } catch (JsonSchemaValidationException e) {
      throw new IllegalStateException(
          FILE + " is not a valid OpenAPI document: " + e.getMessage(), e);
    }
  }

  private static SchemaRepository schemas(OpenAPIVersion version) throws IOException {
    var options =
        new JsonSchemaOptions()
            .setDraft(Draft.DRAFT202012)
            .setBaseUri("app://")
            .setOutputFormat(OutputFormat.Basic);
    var schemas = SchemaRepository.create(options, new OpenAPIFormatValidator());
    for (String part : META_SCHEMAS) {
      add(schemas, "https://json-schema.org/draft/2020-12/" + part);
    }
    for (String address : version.schemaFiles()) {
      add(schemas, address);
    }
    return schemas;
  }

  /**
   * Adds the schema with this address to the repository. It is read from a resource of the
   * libraries; the resource's name is derived from the address.
   */
  private static void add(SchemaRepository schemas, String address) throws IOException {
    String name = address.substring("https:/".length());
    try (InputStream in =
        Objects.requireNonNull(OpenApiDocument.class.getResourceAsStream(name), name)) {
      schemas.dereference(address, JsonSchema.of(new JsonObject(Buffer.buffer(in.readAllBytes()))));
    }
  }
}
