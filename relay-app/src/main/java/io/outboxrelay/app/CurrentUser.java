package io.outboxrelay.app;

import io.outboxrelay.audit.Actor;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** The operating system's user that runs a command, for the audit log. */
final class CurrentUser {
  private CurrentUser() {}

  /** Returns the user and the host, such as {@code alice@db-1}. */
  static Actor author() {
    return new Actor(
        System.getProperty("user.name", "unknown") + "@" + host(), Actor.Channel.COMMAND);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "somewhere";
    }
  }
}
