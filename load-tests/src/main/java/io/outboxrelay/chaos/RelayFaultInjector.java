package io.outboxrelay.chaos;

import java.util.List;

/** Kills, freezes and restarts relays. */
final class RelayFaultInjector implements FaultInjector {
  private final ChaosEnvironment site;

  RelayFaultInjector(ChaosEnvironment site) {
    this.site = site;
  }

  @Override
  public Mending begin(PlannedFault fault) throws Exception {
    var relays = site.instances(fault.relay());
    for (var relay : relays) {
      switch (fault.kind()) {
        case RELAY_KILLED -> relay.kill();
        case RELAY_RESTARTED -> relay.terminate();
        default -> relay.signal("STOP");
      }
    }
    return () -> end(fault, relays);
  }

  private static void end(PlannedFault fault, List<SupervisedRelay> relays) throws Exception {
    for (var relay : relays) {
      if (fault.kind() == FaultKind.RELAY_FROZEN) {
        relay.signal("CONT");
      } else {
        relay.start();
      }
    }
  }
}
