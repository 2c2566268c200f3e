package io.outboxrelay.admin;

import io.outboxrelay.audit.Actor;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.ValidatedRequest;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A request that has been validated against {@code openapi.yaml}. */
final class ApiRequest {
  private static final int USUAL_LIMIT = 100;

  private final RoutingContext context;
  private final ValidatedRequest request;

  ApiRequest(RoutingContext context) {
    this.context = context;
    this.request = context.get(RouterBuilder.KEY_META_DATA_VALIDATED_REQUEST);
  }

  Actor author() {
    return new Actor(identity().name(), Actor.Channel.API);
  }

  Identity identity() {
    return AuthenticationHandler.caller(context);
  }

  /** Returns true if the caller may change something; false if it may only read. */
  boolean mayChange() {
    return identity().role() == Role.OPERATOR;
  }

  @Nullable String text(String name) {
    var value = in(request.getQuery(), name);
    return value == null ? null : value.getString();
  }

  /** Returns the value of a parameter that {@code openapi.yaml} requires. */
  String requiredText(String name) {
    return Objects.requireNonNull(text(name));
  }

  @Nullable Long number(String name) {
    var value = in(request.getQuery(), name);
    return value == null ? null : value.getLong();
  }

  boolean flag(String name) {
    var value = in(request.getQuery(), name);
    return value != null && value.getBoolean();
  }

  int limit() {
    Long limit = number("limit");
    return limit == null ? USUAL_LIMIT : limit.intValue();
  }

  @Nullable OffsetDateTime time(String name) {
    return time(name, text(name));
  }

  /** Parses a time or a day. A day begins at midnight UTC, as on the command line. */
  static @Nullable OffsetDateTime time(String name, @Nullable String text) {
    try {
      return text == null
          ? null
          : bounded(
              text.indexOf('T') < 0
                  ? LocalDate.parse(text).atStartOfDay().atOffset(ZoneOffset.UTC)
                  : OffsetDateTime.parse(text));
    } catch (DateTimeException e) {
      throw new ApiException(
          400,
          name
              + " is '"
              + text
              + "', which is not a time; write 2026-03-01 or 2026-03-01T12:30:00Z");
    }
  }

  /**
   * Returns the time if its year is from 1 to 9999, and throws otherwise. PostgreSQL and Java can
   * both represent these years.
   */
  private static OffsetDateTime bounded(OffsetDateTime time) {
    if (time.getYear() < 1 || time.getYear() > 9999) {
      throw new DateTimeException("The year " + time.getYear() + " is not one of 1 to 9999");
    }
    return time;
  }

  long pathNumber(String name) {
    return Objects.requireNonNull(in(request.getPathParameters(), name)).getLong();
  }

  String pathText(String name) {
    return Objects.requireNonNull(in(request.getPathParameters(), name)).getString();
  }

  @Nullable String header(String name) {
    return context.request().getHeader(name);
  }

  JsonObject body() {
    return request.getBody().getJsonObject();
  }

  private static @Nullable RequestParameter in(Map<String, RequestParameter> some, String name) {
    var value = some.get(name);
    return value == null || value.isNull() ? null : value;
  }
}
