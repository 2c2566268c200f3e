package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestBroker;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.jspecify.annotations.Nullable;

/** Kafka; each relay reaches it through a listener behind a proxy. */
final class KafkaChaosBroker implements ChaosBroker {
  private static final int LARGEST = 100_000;
  private static final String ANY_OF_OURS = "thing|fickle|late-.*";

  private final KafkaServer server;

  KafkaChaosBroker(int relays) {
    this.server =
        KafkaServer.builder()
            .withRights()
            .setting("auto.create.topics.enable", false)
            .detours(relays)
            .start();
    for (var topic : List.of(ChaosDestinations.USUAL, ChaosDestinations.FICKLE)) {
      server.createTopic(topic, Map.of("partitions", 3, "max.message.bytes", LARGEST));
    }
  }

  @Override
  public TestBroker broker() {
    return server;
  }

  @Override
  public Reading read(Consumer<ReceivedMessage> handler) {
    return server.subscribe(ANY_OF_OURS, handler)::close;
  }

  @Override
  public FaultProxy proxy(int number) {
    return server.detours().get(number - 1);
  }

  @Override
  public Map<String, Object> settings() {
    var settings = new TreeMap<>(server.passwordSettings());
    settings.put("bootstrap.servers", "127.0.0.1:${CHAOS_BROKER_PORT}");
    settings.put("topic", "${aggregate_type}");
    return settings;
  }

  /**
   * Limits the producers' rate by a quota. Too few in-sync replicas cannot be caused here, because
   * Kafka never requires more replicas than the topic's single one.
   */
  @Override
  public String refuse(Random random) throws Exception {
    double bytesPerSecond = 200 + random.nextInt(2_000);
    quota(bytesPerSecond);
    return String.format(Locale.ROOT, "a quota of %.0f bytes a second", bytesPerSecond);
  }

  @Override
  public void accept() throws Exception {
    quota(null);
  }

  @Override
  public String refuseFickle(Random random) {
    if (random.nextBoolean()) {
      server.allowOnlyToDescribe(ChaosDestinations.FICKLE);
      return "a topic that may not be written to";
    }
    server.allowNothing(ChaosDestinations.FICKLE);
    return "a topic that may not be seen";
  }

  @Override
  public void acceptFickle() {
    server.allowEverything(ChaosDestinations.FICKLE);
  }

  @Override
  public Lacking lacking(String topic, Random random) throws Exception {
    if (random.nextBoolean()) {
      return new Lacking("the topic itself", () -> createIfMissing(topic));
    }
    server.createTopic(topic, Map.of("partitions", 1, "max.message.bytes", TOO_LONG / 2));
    return new Lacking("room for large messages", () -> makeRoom(topic));
  }

  private void createIfMissing(String topic) throws Exception {
    try (var admin = Admin.create(server.settings())) {
      if (!admin.listTopics().names().get(20, TimeUnit.SECONDS).contains(topic)) {
        server.createTopic(topic, Map.of("partitions", 1));
      }
    }
  }

  private void makeRoom(String topic) throws Exception {
    var room = new ConfigEntry("max.message.bytes", Integer.toString(LARGEST));
    var change = new AlterConfigOp(room, AlterConfigOp.OpType.SET);
    try (var admin = Admin.create(server.settings())) {
      admin
          .incrementalAlterConfigs(
              Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(change)))
          .all()
          .get(20, TimeUnit.SECONDS);
    }
  }

  private void quota(@Nullable Double bytesPerSecond)
      throws InterruptedException, ExecutionException, TimeoutException {
    // null is the default, for clients without a quota of their own
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
