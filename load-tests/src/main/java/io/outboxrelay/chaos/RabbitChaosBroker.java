package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestBroker;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** RabbitMQ; each relay reaches it through a proxy. */
final class RabbitChaosBroker implements ChaosBroker {
  private static final int LARGEST = 200_000;
  private static final String POLICY = "chaos";
  private static final String FICKLE_POLICY = "fickle";
  private static final String FULL = "{\"max-length\": 1, \"overflow\": \"reject-publish\"}";
  private static final String KEY = "all";

  private final RabbitServer server;
  private final List<FaultProxy> proxies;
  private final String usual;
  private final String fickle;

  RabbitChaosBroker(int relays) {
    this.server = RabbitServer.builder().setting("max_message_size", LARGEST).start();
    this.proxies =
        IntStream.range(0, relays)
            .mapToObj(relay -> FaultProxy.to(server.host(), server.port()))
            .toList();
    this.usual = server.newDestination();
    this.fickle = server.newDestination();
    offer(ChaosDestinations.USUAL, usual);
    offer(ChaosDestinations.FICKLE, fickle);
  }

  @Override
  public TestBroker broker() {
    return server;
  }

  private void offer(String exchange, String queue) {
    server.createExchange(exchange);
    server.bind(queue, exchange, KEY);
  }

  @Override
  public Reading read(Consumer<ReceivedMessage> handler) {
    var readings = Stream.of(usual, fickle).map(queue -> server.subscribe(queue, handler)).toList();
    return () -> readings.forEach(TestBroker.Subscription::close);
  }

  @Override
  public FaultProxy proxy(int number) {
    return proxies.get(number - 1);
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of(
        "uri", "amqp://guest:guest@127.0.0.1:${CHAOS_BROKER_PORT}",
        "exchange", "${aggregate_type}",
        "routing-key", KEY,
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
    server.control("set_policy", "--apply-to", "queues", POLICY, ".*", FULL);
    return "the queues are full and refuse";
  }

  /** Ends both kinds of refusal, because either may be active. */
  @Override
  public void accept() {
    server.control("set_vm_memory_high_watermark", "absolute", "1GB");
    clear(POLICY);
  }

  private void clear(String policy) {
    if (server.control("list_policies").contains(policy)) {
      server.control("clear_policy", policy);
    }
  }

  @Override
  public String refuseFickle(Random random) {
    server.control(
        "set_policy", "--apply-to", "queues", "--priority", "1", FICKLE_POLICY, fickle, FULL);
    return "a queue that is full and refuses";
  }

  @Override
  public void acceptFickle() {
    clear(FICKLE_POLICY);
  }

  @Override
  public Lacking lacking(String exchange, Random random) {
    boolean there = random.nextBoolean();
    if (there) {
      server.createExchange(exchange);
    }
    return new Lacking(
        there ? "a queue behind its exchange" : "the exchange itself",
        () -> offer(exchange, usual));
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
