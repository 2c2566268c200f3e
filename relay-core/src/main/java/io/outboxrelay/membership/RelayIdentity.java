package io.outboxrelay.membership;

import io.outboxrelay.config.RelayConfig;
import java.lang.management.ManagementFactory;

/**
 * The identity under which other relays and operators see this relay.
 *
 * @param name for operators, such as {@code 4711@db-host-2}
 * @param number the number in this relay's advisory locks, which distinguishes it from other relays
 * @param configFingerprint see {@link RelayConfig#configFingerprint}
 */
public record RelayIdentity(String name, int number, String configFingerprint) {
  /** Returns process id and host name, such as {@code 4711@db-host-2}. */
  public static String processName() {
    return ManagementFactory.getRuntimeMXBean().getName();
  }
}
