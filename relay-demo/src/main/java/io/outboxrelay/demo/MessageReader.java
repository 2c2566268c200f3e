package io.outboxrelay.demo;

import io.outboxrelay.testkit.BrokerType;
import io.outboxrelay.testkit.ReceivedMessage;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * Prints each message of a topic or queue, from the first one and until Ctrl-C, because the
 * brokers' own tools may not be installed. Kafka keeps the messages; RabbitMQ removes most of the
 * messages that were read.
 */
public final class MessageReader {
  private static final int MISUSED = 2;
  private static final String CLASS_PATH =
      "\"relay-demo/target/relay-demo.jar:$(cat relay-demo/target/class-path)\"";

  private MessageReader() {}

  /**
   * @param args the broker, as {@code --broker} names it, and the topic or queue; the broker's
   *     address is in the environment
   */
  public static void main(String[] args) throws InterruptedException {
    var choice =
        BrokerType.named(args.length == 2 ? args[0] : "")
            .filter(broker -> System.getenv(broker.addressVariable()) != null);
    if (choice.isEmpty()) {
      System.err.println("Expected, with the address of the demo's broker:");
      Stream.of(BrokerType.values())
          .map(
              broker ->
                  commandLine(broker, "ADDRESS", broker.destinationKind().toUpperCase(Locale.ROOT)))
          .forEach(System.err::println);
      System.exit(MISUSED);
    }
    read(choice.orElseThrow(), args[1]);
  }

  private static void read(BrokerType choice, String destination) throws InterruptedException {
    var outputClosed = new CountDownLatch(1);
    try (var reading =
        choice
            .start()
            .subscribe(
                destination,
                message -> {
                  System.out.println(line(message));
                  if (System.out.checkError()) {
                    outputClosed.countDown();
                  }
                })) {
      outputClosed.await();
    }
  }

  /** Control characters are replaced, because a terminal would act on them. */
  static String line(ReceivedMessage message) {
    var payload = Objects.requireNonNullElse(message.text(), "(no payload)");
    return "%s  %s  %s"
        .formatted(message.key(), payload, message.headers())
        .replaceAll("\\p{Cntrl}", "?");
  }

  /** Returns the line that a user types in the folder of the project. */
  static String commandLine(BrokerType broker, String address, String destination) {
    return "%s=%s java -cp %s %s %s %s"
        .formatted(
            broker.addressVariable(),
            ShellQuotes.quote(address),
            CLASS_PATH,
            MessageReader.class.getName(),
            broker,
            ShellQuotes.quote(destination));
  }
}
