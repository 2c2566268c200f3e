package io.outboxrelay.app;

import io.outboxrelay.audit.Actor;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Who runs a command, for those who look later. */
final class CurrentUser {
  private CurrentUser() {}

  /** Such as {@code alice@db-1}, as the operating system has it. */
  static Actor author() {
    return new Actor(System.getProperty("user.name", "somebody") + "@" + host(), Actor.Via.COMMAND);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "somewhere";
    }
  }
}
