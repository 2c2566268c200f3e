package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** RabbitMQ, which each relay reaches through a proxy. */
final class RabbitSide implements BrokerSide {
  private static final int LARGEST = 200_000;
  private static final String POLICY = "chaos";

  private final RabbitServer server;
  private final List<FaultProxy> proxies;
  private final String queue;

  RabbitSide(int relays) {
    this.server = RabbitServer.builder().setting("max_message_size", LARGEST).start();
    this.proxies =
        IntStream.range(0, relays)
            .mapToObj(relay -> FaultProxy.to(server.host(), server.port()))
            .toList();
    this.queue = server.newDestination();
  }

  @Override
  public TestBroker broker() {
    return server;
  }

  @Override
  public String destination() {
    return queue;
  }

  @Override
  public FaultProxy proxy(int number) {
    return proxies.get(number - 1);
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of(
        "uri", "amqp://guest:guest@127.0.0.1:${CHAOS_BROKER_PORT}",
        "exchange", "",
        "routing-key", queue,
        "exchange-header", "exchange",
        "routing-key-header", "routing-key",
        "max-message-size", "1MiB");
  }

  @Override
  public String refuse(Random random) {
    if (random.nextBoolean()) {
      server.control("set_vm_memory_high_watermark", "0");
      return "memory alarm";
    }
    String full = "{\"max-length\": 1, \"overflow\": \"reject-publish\"}";
    server.control("set_policy", "--apply-to", "queues", POLICY, ".*", full);
    return "the queue is full and refuses";
  }

  /** Undoes both, as either may have been done. */
  @Override
  public void accept() {
    server.control("set_vm_memory_high_watermark", "absolute", "1GB");
    if (server.control("list_policies").contains(POLICY)) {
      server.control("clear_policy", POLICY);
    }
  }

  @Override
  public Rejectable rejectable(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> new Rejectable("larger than the broker's bound", LARGEST * 3 / 2, "");
      case 1 -> new Rejectable("larger than the relay's bound", 1_200_000, "");
      case 2 -> new Rejectable("unroutable", 10, "{\"routing-key\": \"nobody-home\"}");
      default -> new Rejectable("to a missing exchange", 10, "{\"exchange\": \"missing\"}");
    };
  }

  @Override
  public void close() {
    proxies.forEach(FaultProxy::close);
    server.close();
  }
}
