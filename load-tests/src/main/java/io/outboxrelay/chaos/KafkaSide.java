package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

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

  @Override
  public String refuse(Random random) throws Exception {
    inSyncReplicas(2);
    return "not enough in-sync replicas";
  }

  @Override
  public void accept() throws Exception {
    inSyncReplicas(1);
  }

  private void inSyncReplicas(int least)
      throws InterruptedException, ExecutionException, TimeoutException {
    var change =
        new AlterConfigOp(
            new ConfigEntry("min.insync.replicas", Integer.toString(least)),
            AlterConfigOp.OpType.SET);
    try (var admin = Admin.create(server.settings())) {
      admin
          .incrementalAlterConfigs(
              Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(change)))
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
