package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.FaultProxy.Direction;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * Causes network faults between relays and servers: cut, refused, swallowed and slow connections.
 */
final class NetworkFaultInjector implements FaultInjector {
  private final ChaosEnvironment site;

  NetworkFaultInjector(ChaosEnvironment site) {
    this.site = site;
  }

  @Override
  public Mending begin(PlannedFault fault) {
    var links = site.instances(fault.relay()).stream().map(relay -> link(relay, fault)).toList();
    var random = fault.random();
    switch (fault.kind()) {
      case DATABASE_LINK_CUT, BROKER_LINK_CUT -> links.forEach(FaultProxy::cut);
      case DATABASE_LINK_REFUSED, BROKER_LINK_REFUSED -> links.forEach(FaultProxy::refuse);
      case BROKER_CUT_OFF -> cutOff(links, random);
      case DATABASE_LINK_SWALLOWED, BROKER_LINK_SWALLOWED -> {
        var direction = List.of(Direction.values()).get(random.nextInt(3));
        links.forEach(link -> link.blackHole(direction));
      }
      default -> slow(links, random);
    }
    return () -> links.forEach(FaultProxy::heal);
  }

  private static void cutOff(List<FaultProxy> links, Random random) {
    boolean silently = random.nextBoolean();
    links.forEach(
        link -> {
          if (silently) {
            link.blackHole(Direction.BOTH);
          } else {
            link.refuse();
          }
        });
  }

  private static FaultProxy link(SupervisedRelay relay, PlannedFault fault) {
    return fault.kind().area() == FaultTarget.DATABASE_LINK ? relay.toDatabase() : relay.toBroker();
  }

  private static void slow(List<FaultProxy> links, Random random) {
    var latency = Duration.ofMillis(5 + random.nextInt(200));
    long bandwidth = 20_000L + random.nextInt(500_000);
    boolean narrow = random.nextBoolean();
    links.forEach(
        link -> {
          if (narrow) {
            link.bandwidth(bandwidth);
          } else {
            link.latency(latency);
          }
        });
  }
}
