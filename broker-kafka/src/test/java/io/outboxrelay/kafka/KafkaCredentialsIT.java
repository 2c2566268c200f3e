package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.testkit.KafkaServer;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The password of the relay's user changes while a publisher uses it. */
class KafkaCredentialsIT extends KafkaFixture {
  private static final String USER = "rotating";

  private final AtomicInteger sequence = new AtomicInteger();
  @TempDir private Path folder = Path.of("set by JUnit");

  /** The broker requires each connection to authenticate again after two seconds. */
  @BeforeAll
  static void startABrokerThatAsksAgain() {
    String listener = "listener.name.sasl_plaintext.";
    kafka =
        KafkaServer.builder()
            .setting("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256")
            .setting(
                listener + "scram-sha-256.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;")
            .setting(listener + "scram-sha-256.connections.max.reauth.ms", 2_000)
            .start();
  }

  @Test
  void aPublisherGoesOnWithTheNewPasswordOnceTheFileHasIt() throws Exception {
    change("one");
    var file = Files.writeString(folder.resolve("password"), "one\n");
    String topic = kafka.newDestination(Map.of());
    var publisher = connect(settings(topic, "${file:" + file + "}"));
    await(publish(publisher, event(sequence.incrementAndGet(), "order-1")));

    change("two");
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(outcome(publisher)).contains("refuses the"));
    Files.writeString(file, "two\n");

    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(outcome(publisher)).isEqualTo("confirmed"));
    assertThatThrownBy(() -> await(connecting(settings(topic, "one"))))
        .isInstanceOf(PublishException.Fatal.class)
        .hasMessageContaining("refuses the relay's credentials");
  }

  @Test
  void aFileThatWasTakenAwayIsNamed() throws IOException {
    var file = Files.writeString(folder.resolve("password"), "one\n");
    var broker = configure(settings("any", "${file:" + file + "}"));
    Files.delete(file);
    assertThatThrownBy(() -> await(onContext(() -> broker.connect(vertx))))
        .isInstanceOf(PublishException.Fatal.class)
        .hasMessageContaining("the file " + file + ", which sasl.jaas.config names, is not");
  }

  private String outcome(Publisher publisher) {
    return await(
        publish(publisher, event(sequence.incrementAndGet(), "order-1"))
            .map("confirmed")
            .recover(failure -> Future.succeededFuture(String.valueOf(failure.getMessage()))));
  }

  private Map<String, Object> settings(String topic, String password) {
    var settings = new HashMap<>(kafka.passwordSettings());
    settings.put("topic", topic);
    settings.put("sasl.mechanism", "SCRAM-SHA-256");
    settings.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\""
                .formatted(USER)
            + " password=\"%s\";".formatted(password));
    return settings;
  }

  private static void change(String password) throws Exception {
    var mechanism = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096);
    try (var admin = Admin.create(kafka.settings())) {
      admin
          .alterUserScramCredentials(
              List.of(new UserScramCredentialUpsertion(USER, mechanism, password)))
          .all()
          .get();
    }
  }
}
