package io.outboxrelay.settings;

/** Thrown if the file of a secret cannot be used; the message is a sentence for the operator. */
public final class SecretFileException extends RuntimeException {
  private final String phrase;

  SecretFileException(String key, String path, String reason) {
    super("the file " + path + ", which " + key + " names, " + reason, null, false, false);
    this.phrase = "names the file " + path + ", which " + reason;
  }

  /** Returns the message as a phrase that continues the name of the setting. */
  String phrase() {
    return phrase;
  }
}
