package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.testkit.FaultProxy;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The password of the relay's user changes while a publisher uses it. */
class RabbitCredentialsIT extends RabbitFixture {

  private final String user = fresh("rotating");
  private final AtomicInteger sequence = new AtomicInteger();
  private FaultProxy proxy;
  @TempDir private Path folder = Path.of("set by JUnit");

  @BeforeEach
  void addTheUser() {
    proxy = FaultProxy.to(broker().host(), broker().port());
    broker().control("add_user", user, "one");
    broker().control("set_permissions", user, ".*", ".*", ".*");
  }

  @AfterEach
  void removeTheUser() {
    broker().control("delete_user", user);
    proxy.close();
  }

  @Test
  void aPublisherGoesOnWithTheNewPasswordOnceTheFileHasIt() throws Exception {
    var file = Files.writeString(folder.resolve("password"), "one\n");
    String queue = broker().newDestination();
    var publisher = connect(destinationSetting(queue), settings(file));
    await(publish(publisher, event(sequence.incrementAndGet(), "order-1")));

    broker().control("change_password", user, "two");
    assertThat(outcome(publisher)).as("the connection stays").isEqualTo("confirmed");
    proxy.cut();
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(outcome(publisher)).contains("refuses the user " + user));

    Files.writeString(file, "two\n");
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(outcome(publisher)).isEqualTo("confirmed"));
  }

  @Test
  void aFileThatWasTakenAwayIsNamed() throws Exception {
    var file = Files.writeString(folder.resolve("password"), "one\n");
    var broker = configure(destinationSetting("any"), settings(file));
    Files.delete(file);
    assertThatThrownBy(() -> await(onContext(() -> broker.connect(vertx))))
        .isInstanceOf(PublishException.Fatal.class)
        .hasMessageContaining("the file " + file + ", which password-file names, is not found");
  }

  private Map<String, Object> settings(Path file) {
    return Map.of(
        "uri",
        "amqp://127.0.0.1:" + proxy.port(),
        "username",
        user,
        "password-file",
        file.toString());
  }

  private String outcome(Publisher publisher) {
    return await(
        publish(publisher, event(sequence.incrementAndGet(), "order-1"))
            .map("confirmed")
            .recover(failure -> Future.succeededFuture(String.valueOf(failure.getMessage()))));
  }
}
