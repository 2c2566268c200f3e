package io.outboxrelay.admin;

import io.vertx.openapi.validation.ValidatorErrorType;
import io.vertx.openapi.validation.ValidatorException;

/** Turns validation errors into sentences for the caller. */
final class ValidationMessages {
  private ValidationMessages() {}

  static String sentence(ValidatorException mistake) {
    String seen =
        mistake.type() == ValidatorErrorType.ILLEGAL_VALUE
            ? "the request's body is not the JSON that it must be"
            : mistake.getMessage();
    return seen + "; nothing was done. See /api/v1/openapi.json";
  }
}
