package io.outboxrelay.app;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Who runs a command, for those who look later. */
final class Operator {
  private Operator() {}

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
