package io.outboxrelay.admin;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RequestExtractor;
import io.vertx.json.schema.common.dsl.SchemaType;
import io.vertx.openapi.contract.Location;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Parameter;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.ValidatableRequest;
import io.vertx.openapi.validation.impl.RequestParameterImpl;
import io.vertx.openapi.validation.impl.ValidatableRequestImpl;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Extracts the parameters and the body of a request for validation.
 *
 * <p>It replaces the extractor of Vert.x, which decodes each parameter a second time and reads
 * texts that look like JSON as JSON: {@code a%2Bb} would become {@code a b}, and the text {@code
 * -1} a number. This class passes a text on in quotes, so that the text keeps its exact value, and
 * accepts only digits as a number.
 */
final class RequestReader implements RequestExtractor {
  private static final String WHOLE_NUMBER = "-?\\d{1,19}";

  /** The number above which a double cannot represent every whole number. */
  private static final double LARGEST_EXACT = 1L << 53;

  private final Vertx vertx;
  private final RequestBodies bodies;

  RequestReader(Vertx vertx) {
    this.vertx = vertx;
    this.bodies = new RequestBodies(vertx);
  }

  @Override
  public Future<ValidatableRequest> extractValidatableRequest(
      RoutingContext context, Operation operation) {
    try {
      var query = query(context, operation);
      var path = read(operation, Location.PATH, name -> context.pathParam(name));
      var headers = read(operation, Location.HEADER, name -> context.request().getHeader(name));
      if (operation.getRequestBody() == null) {
        return Future.succeededFuture(new ValidatableRequestImpl(Map.of(), headers, path, query));
      }
      String type = context.request().getHeader("Content-Type");
      return bodies
          .read(context, most(operation))
          // The body is parsed on a worker thread, because parsing a large body would block the
          // event loop.
          .compose(body -> vertx.executeBlocking(() -> body(type, body), false))
          .map(body -> new ValidatableRequestImpl(Map.of(), headers, path, query, body, type));
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  /** Returns the size limit of the body; only an edit may contain a whole payload. */
  private static int most(Operation operation) {
    return operation.getHttpMethod().equals(HttpMethod.PATCH)
        ? RequestBodies.MOST_BYTES
        : RequestBodies.SMALL_BYTES;
  }

  private static Map<String, RequestParameter> query(RoutingContext context, Operation operation) {
    MultiMap given = context.queryParams();
    var known =
        operation.getParameters().stream()
            .filter(parameter -> parameter.getIn() == Location.QUERY)
            .map(Parameter::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    for (String name : given.names()) {
      if (!known.contains(name)) {
        throw new ApiException(
            400,
            "the parameter "
                + name
                + " is unknown"
                + (known.isEmpty() ? "; there are none" : "; there are " + String.join(", ", known))
                + ". Nothing was done");
      }
      if (given.getAll(name).size() > 1) {
        throw new ApiException(400, "the parameter " + name + " is there twice; nothing was done");
      }
    }
    return read(operation, Location.QUERY, given::get);
  }

  private interface Source {
    @Nullable String get(String name);
  }

  private static Map<String, RequestParameter> read(
      Operation operation, Location location, Source source) {
    var read = new HashMap<String, RequestParameter>();
    for (var parameter : operation.getParameters()) {
      if (parameter.getIn() == location) {
        String given = source.get(parameter.getName());
        read.put(
            parameter.getName(),
            new RequestParameterImpl(given == null ? null : json(parameter, given)));
      }
    }
    return read;
  }

  private static String json(Parameter parameter, String given) {
    String name = parameter.getName();
    if (!isText(given)) {
      throw notText(name);
    }
    var type = parameter.getSchemaType();
    if (type == SchemaType.INTEGER) {
      if (!given.matches(WHOLE_NUMBER) || !fits(given)) {
        throw new ApiException(
            400, name + " is '" + given + "', which is not a whole number; nothing was done");
      }
      return Long.toString(Long.parseLong(given));
    }
    if (type == SchemaType.BOOLEAN) {
      if (!List.of("true", "false").contains(given)) {
        throw new ApiException(
            400, name + " is '" + given + "', which is neither true nor false; nothing was done");
      }
      return given;
    }
    return Json.encode(given);
  }

  private static boolean fits(String digits) {
    try {
      var unused = Long.parseLong(digits);
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static RequestParameter body(@Nullable String type, Buffer body) {
    if (body.length() > 0) {
      if (type == null || !type.matches("(?i)application/json\\s*(;.*)?")) {
        throw new ApiException(415, "the request's body must be of type application/json");
      }
      try {
        verify("the body", Json.decodeValue(body));
      } catch (DecodeException e) {
        throw new ApiException(
            400, "the request's body is not the JSON that it must be; nothing was done");
      }
    }
    return new RequestParameterImpl(body);
  }

  /**
   * Throws if a value contains a text that PostgreSQL cannot store, or a number that cannot be
   * represented exactly.
   *
   * @param where the place of the value in the request, for the message
   */
  private static void verify(String where, @Nullable Object value) {
    if (value instanceof String text && !isText(text)) {
      throw notText(where);
    } else if (value instanceof Number number && !isExact(number)) {
      throw new ApiException(
          400, where + " is " + number + ", which is not a number in range; nothing was done");
    } else if (value instanceof JsonObject object) {
      object.forEach(
          entry -> {
            verify("a name in the body", entry.getKey());
            verify(entry.getKey(), entry.getValue());
          });
    } else if (value instanceof JsonArray array) {
      array.forEach(item -> verify(where, item));
    }
  }

  /**
   * Returns true if the number keeps its exact value when it is converted to a whole number of 64
   * bits.
   */
  private static boolean isExact(Number number) {
    return !(number instanceof BigInteger)
        && (!(number instanceof Double) || Math.abs(number.doubleValue()) <= LARGEST_EXACT);
  }

  private static ApiException notText(String name) {
    return new ApiException(
        400,
        name
            + " holds the character U+0000 or half a character, which no text in the database can"
            + " hold; nothing was done");
  }

  private static boolean isText(String text) {
    return text.codePoints().allMatch(at -> at != 0 && !(at >= 0xd800 && at <= 0xdfff));
  }
}
