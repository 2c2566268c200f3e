package io.outboxrelay.admin;

import io.vertx.openapi.validation.ValidatorException;

/** What is wrong with a request, in words for whoever sent it. */
final class Mistake {
  private Mistake() {}

  static String sentence(ValidatorException mistake) {
    return mistake.getMessage() + "; nothing was done. See /api/v1/openapi.json";
  }
}
