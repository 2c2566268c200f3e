package io.outboxrelay.admin;

/** What a caller is told instead of an answer. */
final class Refusal extends RuntimeException {
  private final int status;

  /**
   * @param status of HTTP
   * @param sentence what was seen, what was expected, what to do; shown to the caller
   */
  Refusal(int status, String sentence) {
    super(sentence, null, false, false);
    this.status = status;
  }

  int status() {
    return status;
  }

  String sentence() {
    return String.valueOf(getMessage());
  }
}
