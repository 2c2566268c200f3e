package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.jspecify.annotations.Nullable;

/** Kafka, which each relay reaches through a listener behind a proxy. */
final class KafkaSide implements BrokerSide {
  private static final int LARGEST = 100_000;

  private final KafkaServer server;
  private final String topic;

  KafkaSide(int relays) {
    this.server = KafkaServer.builder().detours(relays).start();
    this.topic = server.newDestination(Map.of("partitions", 3, "max.message.bytes", LARGEST));
  }

  @Override
  public TestBroker broker() {
    return server;
  }

  @Override
  public String destination() {
    return topic;
  }

  @Override
  public FaultProxy proxy(int number) {
    return server.detours().get(number - 1);
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("bootstrap.servers", "127.0.0.1:${CHAOS_BROKER_PORT}", "topic", topic);
  }

  /** The topic has one replica, and Kafka asks for no more in-sync ones than there are. */
  @Override
  public String refuse(Random random) throws Exception {
    double bytesPerSecond = 200 + random.nextInt(2_000);
    quota(bytesPerSecond);
    return "a quota of %.0f bytes a second".formatted(bytesPerSecond);
  }

  @Override
  public void accept() throws Exception {
    quota(null);
  }

  private void quota(@Nullable Double bytesPerSecond)
      throws InterruptedException, ExecutionException, TimeoutException {
    // null stands for whoever has no quota of its own
    var everybody =
        new ClientQuotaEntity(Collections.singletonMap(ClientQuotaEntity.CLIENT_ID, null));
    var change = new ClientQuotaAlteration.Op("producer_byte_rate", bytesPerSecond);
    try (var admin = Admin.create(server.settings())) {
      admin
          .alterClientQuotas(List.of(new ClientQuotaAlteration(everybody, List.of(change))))
          .all()
          .get(20, TimeUnit.SECONDS);
    }
  }

  @Override
  public Rejectable rejectable(Random random) {
    return random.nextBoolean()
        ? new Rejectable("larger than the topic's bound", LARGEST * 3 / 2, "")
        : new Rejectable("larger than the producer's bound", 1_200_000, "");
  }

  @Override
  public void close() {
    server.close();
  }
}
