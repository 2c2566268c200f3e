package io.outboxrelay.chaos;

import io.outboxrelay.testkit.TestService;

/** Restarts, kills and freezes the servers, or makes the broker refuse messages. */
final class ServerFaultInjector implements FaultInjector {
  private final ChaosEnvironment site;

  ServerFaultInjector(ChaosEnvironment site) {
    this.site = site;
  }

  @Override
  public Mending begin(PlannedFault fault) throws Exception {
    switch (fault.kind()) {
      case DATABASE_FROZEN, BROKER_FROZEN -> server(fault).pause();
      case DATABASE_KILLED, BROKER_KILLED -> server(fault).kill();
      case DATABASE_RESTARTED, BROKER_RESTARTED -> server(fault).stop();
      case DESTINATION_REFUSING ->
          site.runLog().say(site.brokerSide().refuseFickle(fault.random()));
      default -> site.runLog().say(site.brokerSide().refuse(fault.random()));
    }
    return () -> end(fault);
  }

  private TestService server(PlannedFault fault) {
    return fault.kind().area() == FaultTarget.DATABASE
        ? site.postgres()
        : site.brokerSide().broker();
  }

  private void end(PlannedFault fault) throws Exception {
    switch (fault.kind()) {
      case DATABASE_FROZEN, BROKER_FROZEN -> server(fault).resume();
      case BROKER_REFUSING -> site.brokerSide().accept();
      case DESTINATION_REFUSING -> site.brokerSide().acceptFickle();
      default -> server(fault).restart();
    }
  }
}
