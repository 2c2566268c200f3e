package io.outboxrelay.app;

import io.outboxrelay.audit.Author;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Who runs a command, for those who look later. */
final class Operator {
  private Operator() {}

  /** Such as {@code alice@db-1}, as the operating system has it. */
  static Author author() {
    return new Author(
        System.getProperty("user.name", "somebody") + "@" + host(), Author.Via.COMMAND);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "somewhere";
    }
  }
}
