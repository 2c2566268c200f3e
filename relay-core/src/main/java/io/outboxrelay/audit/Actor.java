package io.outboxrelay.audit;

import java.util.Locale;

/** The operator that performs an action: a token's name, a certificate's subject, or user@host. */
public record Actor(String name, Channel channel) {

  /** The interface through which the action came. */
  public enum Channel {
    API,
    COMMAND;

    String written() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
