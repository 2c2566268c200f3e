package io.outboxrelay.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.BrokerType;
import io.outboxrelay.testkit.relay.PackagedRelay;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LookAroundGuideTest {
  private static final DatabaseLogin DATABASE =
      new DatabaseLogin("127.0.0.1", 15432, "test_7_1", "postgres", "it's secret");

  @Test
  void eachThingToLookAtHasALineToCopy() {
    assertThat(guide(BrokerType.KAFKA, "127.0.0.1:19092").text(5, 4711))
        .isEqualTo(
            """

            Everything stays up until Ctrl-C, and a writer commits 5 transactions a second.
            To look around, in another terminal and in this folder:

            The console, in a browser:
              http://127.0.0.1:9464

            The database, with psql or any other client
            (host 127.0.0.1, port 15432, database test_7_1, user postgres, password it's secret):
              PGPASSWORD='it'\\''s secret' psql -h 127.0.0.1 -p 15432 -U postgres -d test_7_1

            Write an event of your own there:
              insert into outbox (aggregate_type, aggregate_id, event_type, payload)
                values ('order', 'my-order', 'OrderPlaced', '{"placed": "by hand"}');

            See the messages of the topic test-7-1 arrive; Ctrl-C ends the reader alone:
              OUTBOX_TEST_KAFKA=127.0.0.1:19092 java -cp \
            "relay-demo/target/relay-demo.jar:$(cat relay-demo/target/class-path)" \
            io.outboxrelay.demo.MessageReader kafka test-7-1
            or, with a tool of Kafka:
              kafka-console-consumer.sh --bootstrap-server 127.0.0.1:19092 --topic test-7-1 \
            --from-beginning

            Ask and steer the relay:
              export RELAY_BROKER_PASSWORD='a b'
              export RELAY_DB_PASSWORD='it'\\''s secret'
              java -jar relay-app/target/outbox-relay.jar status -conf .demo/kept-4711/demo.yaml
              java -jar relay-app/target/outbox-relay.jar events --aggregate my-order \
            -conf .demo/kept-4711/demo.yaml
              java -jar relay-app/target/outbox-relay.jar pause -conf .demo/kept-4711/demo.yaml
              java -jar relay-app/target/outbox-relay.jar resume -conf .demo/kept-4711/demo.yaml
              java -jar relay-app/target/outbox-relay.jar dead-letters list -conf .demo/kept-4711/demo.yaml

            To stop: Ctrl-C here, or kill 4711. That ends the writer, the relay and both servers, and deletes
            the demo's database and the folder .demo/kept-4711.
            """);
  }

  @Test
  void rabbitMqHasAQueueAndALineOfItsOwn() {
    assertThat(guide(BrokerType.RABBITMQ, "amqp://127.0.0.1:15672").text(5, 4711))
        .contains(
            "See the messages of the queue test-7-1 arrive;",
            "  OUTBOX_TEST_RABBITMQ=amqp://127.0.0.1:15672 java -cp ",
            " io.outboxrelay.demo.MessageReader rabbitmq test-7-1\n",
            """
            or, with a tool of RabbitMQ:
              amqp-get --url=amqp://127.0.0.1:15672 --queue=test-7-1
            """);
  }

  private static LookAroundGuide guide(BrokerType broker, String address) {
    return new LookAroundGuide(
        "http://127.0.0.1:9464",
        DATABASE,
        broker,
        address,
        "test-7-1",
        new PackagedRelay(
            PackagedRelay.JAR,
            Path.of(".demo", "kept-4711", "demo.yaml"),
            Map.of("RELAY_DB_PASSWORD", DATABASE.password(), "RELAY_BROKER_PASSWORD", "a b")));
  }
}
