package io.outboxrelay.example;

/** Thrown to answer a request with this status and sentence. */
final class HttpException extends RuntimeException {
  private final int status;

  HttpException(int status, String sentence) {
    super(sentence, null, false, false);
    this.status = status;
  }

  int status() {
    return status;
  }
}
