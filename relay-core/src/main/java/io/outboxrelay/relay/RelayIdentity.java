package io.outboxrelay.relay;

import java.lang.management.ManagementFactory;

/**
 * What other relays see of this one.
 *
 * @param name for operators, such as {@code 4711@db-host-2}
 * @param number under which its locks are found among those of several
 * @param configFingerprint what it does with events, see {@link RelayConfig#configFingerprint}
 */
record RelayIdentity(String name, int number, String configFingerprint) {
  /** Process id and host. */
  static String processName() {
    return ManagementFactory.getRuntimeMXBean().getName();
  }
}
