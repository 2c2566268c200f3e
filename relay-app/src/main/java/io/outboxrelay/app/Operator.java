package io.outboxrelay.app;

import io.outboxrelay.audit.Author;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Who runs a command, for those who look later. */
final class Operator {
  private Operator() {}

  /** The same for the audit. */
  static Author author() {
    return new Author(name(), Author.Via.COMMAND);
  }

  /** Such as {@code alice@db-1}, as the operating system has it. */
  static String name() {
    return System.getProperty("user.name", "somebody") + "@" + host();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "somewhere";
    }
  }
}
