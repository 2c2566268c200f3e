package io.outboxrelay.chaos;

import java.util.List;

/** Kills, freezes and restarts relays. */
final class RelayTrouble implements Trouble {
  private final Site site;

  RelayTrouble(Site site) {
    this.site = site;
  }

  @Override
  public Mending begin(Fault fault) throws Exception {
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

  private static void end(Fault fault, List<Instance> relays) throws Exception {
    for (var relay : relays) {
      if (fault.kind() == FaultKind.RELAY_FROZEN) {
        relay.signal("CONT");
      } else {
        relay.start();
      }
    }
  }
}
