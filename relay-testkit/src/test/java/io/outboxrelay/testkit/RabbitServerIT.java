package io.outboxrelay.testkit;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 4, unit = TimeUnit.MINUTES)
class RabbitServerIT {
  private static final Instant SENT = Instant.ofEpochSecond(1_700_000_000);
  private static RabbitServer server;
  private Connection connection;
  private Channel channel;

  @BeforeAll
  static void start() {
    server = RabbitServer.builder().setting("max_message_size", 2_000_000).start();
  }

  @AfterAll
  static void close() {
    server.close();
  }

  @BeforeEach
  void connect() throws Exception {
    connection = server.connect();
    channel = connection.createChannel();
    channel.confirmSelect();
  }

  @AfterEach
  void disconnect() {
    connection.abort();
  }

  @Test
  void saysItsVersionAndWhereItComesFrom() {
    assertThat(server.origin()).matches("RabbitMQ \\d+\\.\\d+.*, .+");
  }

  @Test
  void runsTheMajorVersionThatIsAskedFor() {
    assumeTrue(
        Files.exists(Path.of("/etc/debian_version"))
            && System.getenv("OUTBOX_TEST_RABBITMQ") == null,
        "only Debian has packages of both");
    try (var other = RabbitServer.builder().version(4).start()) {
      assertThat(other.origin()).startsWith("RabbitMQ 4.");
    }
  }

  @Test
  @SuppressWarnings("JavaUtilDate") // is what the client wants
  void aMessageIsReadAsItWasWritten() throws Exception {
    var queue = server.newDestination();
    var properties =
        new BasicProperties.Builder()
            .headers(Map.of("event-type", "OrderPlaced", "event-sequence", 8812))
            .timestamp(Date.from(SENT))
            .contentType("application/json")
            .messageId("1-2-3")
            .deliveryMode(2)
            .build();
    channel.basicPublish("", queue, properties, "{\"total\": 1}".getBytes(UTF_8));

    var read = server.consume(queue, 1, PATIENCE);

    assertThat(read).hasSize(1);
    var message = read.get(0);
    assertThat(message.key()).isEqualTo(queue);
    assertThat(message.text()).isEqualTo("{\"total\": 1}");
    assertThat(message.headers())
        .isEqualTo(Map.of("event-type", "OrderPlaced", "event-sequence", "8812"));
    assertThat(message.timestamp()).isEqualTo(SENT);
    assertThat(message.properties())
        .containsEntry("content-type", "application/json")
        .containsEntry("message-id", "1-2-3")
        .containsEntry("delivery-mode", "2")
        .containsEntry("exchange", "")
        .containsEntry("redelivered", "false");
  }

  @Test
  void everyReadBeginsAtTheBeginning() throws Exception {
    var queue = server.newDestination();
    send(queue, "one");
    send(queue, "two");
    assertThat(server.consume(queue, 1, PATIENCE)).first().returns("one", ReceivedMessage::text);
    send(queue, "three");
    assertThat(server.consume(queue, 3, PATIENCE))
        .extracting(ReceivedMessage::text)
        .containsExactly("one", "two", "three");
  }

  @Test
  void messagesThatDidNotArriveInTimeAreNotReturned() throws Exception {
    var queue = server.newDestination();
    send(queue, "one");
    assertThat(server.consume(queue, 2, Duration.ofSeconds(2))).hasSize(1);
  }

  @Test
  void aQueueHasTheOptionsAskedFor() throws Exception {
    var queue =
        server.newDestination(
            Map.of("x-queue-type", "classic", "x-max-length", 1, "x-overflow", "reject-publish"));
    channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, "first".getBytes(UTF_8));
    assertThat(channel.waitForConfirms(30_000)).isTrue();
    channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, "second".getBytes(UTF_8));
    assertThat(channel.waitForConfirms(30_000)).isFalse();
  }

  @Test
  void appliesSettings() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    var queue = server.newDestination();
    assertThatThrownBy(() -> send(queue, "x".repeat(3_000_000))).isInstanceOf(Exception.class);
    assertThat(connection.isOpen()).isTrue();
    assertThat(channel.getCloseReason()).hasMessageContaining("larger than");
  }

  @Test
  void speaksTlsWithItsCertificate() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    var factory = new ConnectionFactory();
    factory.setUri(server.tlsUri());
    factory.useSslProtocol(trusting(server.certificate()));
    factory.enableHostnameVerification();
    try (var secured = factory.newConnection()) {
      assertThat(secured.isOpen()).isTrue();
    }
  }

  private static SSLContext trusting(Path certificate) throws Exception {
    var trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (var in = Files.newInputStream(certificate)) {
      var found = CertificateFactory.getInstance("X.509").generateCertificate(in);
      trusted.setCertificateEntry("server", found);
    }
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    var context = SSLContext.getInstance("TLSv1.2");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  @Test
  void rabbitmqctlReachesThisNode() {
    assumeTrue(server.controllable(), server.origin());
    assertThat(server.control("list_queues", "name", "type"))
        .contains(server.newDestination().substring(0, 5))
        .contains("quorum");
  }

  @Test
  void aSubscriberGetsEverythingInOrderAlsoAfterTheBrokerWasKilled() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    var queue = server.newDestination();
    var heard = new LinkedBlockingQueue<String>();
    var subscription =
        server.subscribe(
            queue,
            it -> {
              if ("false".equals(it.properties().get("redelivered"))) {
                heard.add(it.text());
              }
            });
    try (subscription) {
      for (int i = 0; i < 1_000; i++) {
        send(queue, "before-" + i);
      }
      for (int i = 0; i < 1_000; i++) {
        assertThat(heard.poll(30, SECONDS)).isEqualTo("before-" + i);
      }
      server.kill();
      assertThatThrownBy(() -> server.connect()).isInstanceOf(IOException.class);
      server.restart();
      disconnect();
      connect();
      send(queue, "after");
      assertThat(heard.poll(60, SECONDS)).isEqualTo("after");
    }
  }

  @Test
  void aKilledBrokerRestartsOnTheSamePortWithItsData() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    var queue = server.newDestination();
    send(queue, "before");
    server.kill();
    server.restart();
    assertThat(server.consume(queue, 1, PATIENCE)).first().returns("before", ReceivedMessage::text);
  }

  @Test
  void aStoppedBrokerRestartsWithItsData() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    var queue = server.newDestination();
    send(queue, "before");
    server.stop();
    server.restart();
    assertThat(server.consume(queue, 1, PATIENCE)).hasSize(1);
  }

  @Test
  void aPausedBrokerAnswersNothingUntilItResumes() throws Exception {
    assumeTrue(server.controllable(), server.origin());
    var queue = server.newDestination();
    server.pause();
    var sent = CompletableFuture.runAsync(() -> sendQuietly(queue, "during"));
    assertThat(sent).failsWithin(1, SECONDS);
    server.resume();
    assertThat(sent).succeedsWithin(PATIENCE);
    assertThat(server.consume(queue, 1, PATIENCE)).hasSize(1);
  }

  @Test
  void manyMessagesAreReadInOrder() throws Exception {
    var queue = server.newDestination();
    for (int i = 0; i < 3_000; i++) {
      channel.basicPublish("", queue, null, Integer.toString(i).getBytes(UTF_8));
    }
    channel.waitForConfirmsOrDie(30_000);
    assertThat(server.consume(queue, 3_000, PATIENCE))
        .extracting(ReceivedMessage::text)
        .containsExactlyElementsOf(IntStream.range(0, 3_000).mapToObj(Integer::toString).toList());
  }

  private void send(String queue, String text) throws Exception {
    channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, text.getBytes(UTF_8));
    channel.waitForConfirmsOrDie(30_000);
  }

  private void sendQuietly(String queue, String text) {
    try {
      send(queue, text);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
