package io.outboxrelay.settings;

/** A value that must not be printed, such as a password: in a log or an error it is hidden. */
public record Secret(String value) {
  static final String HIDDEN = "[hidden]";

  @Override
  public String toString() {
    return HIDDEN;
  }
}
