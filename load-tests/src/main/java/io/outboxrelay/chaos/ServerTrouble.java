package io.outboxrelay.chaos;

import io.outboxrelay.testkit.Service;

/** Restarts, kills and freezes the servers themselves, or has the broker refuse. */
final class ServerTrouble implements Trouble {
  private final Site site;

  ServerTrouble(Site site) {
    this.site = site;
  }

  @Override
  public Mending begin(Fault fault) throws Exception {
    switch (fault.kind()) {
      case DATABASE_FROZEN, BROKER_FROZEN -> server(fault).pause();
      case DATABASE_KILLED, BROKER_KILLED -> server(fault).kill();
      case DATABASE_RESTARTED, BROKER_RESTARTED -> server(fault).stop();
      case DESTINATION_REFUSING -> site.diary().say(site.brokerSide().refuseFickle(fault.random()));
      default -> site.diary().say(site.brokerSide().refuse(fault.random()));
    }
    return () -> end(fault);
  }

  private Service server(Fault fault) {
    return fault.kind().area() == Area.DATABASE ? site.postgres() : site.brokerSide().broker();
  }

  private void end(Fault fault) throws Exception {
    switch (fault.kind()) {
      case DATABASE_FROZEN, BROKER_FROZEN -> server(fault).resume();
      case BROKER_REFUSING -> site.brokerSide().accept();
      case DESTINATION_REFUSING -> site.brokerSide().acceptFickle();
      default -> server(fault).restart();
    }
  }
}
