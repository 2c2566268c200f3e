package io.outboxrelay.audit;

import java.util.Locale;

/**
 * Who does something.
 *
 * @param who a token's name, a certificate's subject, or user@host
 */
public record Actor(String who, Via via) {

  /** The way in. */
  public enum Via {
    API,
    COMMAND;

    String written() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
