package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.ShellWord;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Examines the broker and the exchanges and queues of the sample events for {@code check}. */
final class RabbitCheck {
  private static final int CLOSE_MILLIS = 2_000;

  private final RabbitConfig config;
  private final List<Finding> findings = new ArrayList<>();
  private final Set<String> exchanges = new LinkedHashSet<>();
  private final Set<String> queues = new LinkedHashSet<>();

  private RabbitCheck(RabbitConfig config) {
    this.config = config;
  }

  /**
   * Examines the broker and returns the findings. Blocks until the broker answers; if it does not
   * answer, for a few seconds at most.
   */
  static List<Finding> run(Vertx vertx, RabbitConfig config, Collection<OutboxEvent> samples) {
    var check = new RabbitCheck(config);
    try {
      check.collect(samples);
      var connection = new RabbitConnectionFactory(vertx, config).connect();
      try {
        check.examine(connection);
      } finally {
        connection.abort(CLOSE_MILLIS);
      }
    } catch (PublishException e) {
      check.note(Finding.problem(String.valueOf(e.getMessage()), remedy(e)));
    }
    return check.findings;
  }

  private static String remedy(PublishException failure) {
    return failure instanceof PublishException.Retryable
        ? "see whether RabbitMQ runs, and whether rabbitmq.uri is right"
        : "correct the section rabbitmq: username, password, virtual-host, tls";
  }

  private void collect(Collection<OutboxEvent> samples) {
    config
        .routing()
        .onlyExchange()
        .filter(exchange -> !exchange.isEmpty())
        .ifPresent(exchanges::add);
    for (var event : samples) {
      try {
        collect(event);
      } catch (PublishException.Rejected e) {
        note(
            Finding.problem(
                event + " has no destination: " + e.getMessage(),
                "write the header with every event, or change rabbitmq.exchange or"
                    + " rabbitmq.routing-key"));
      }
    }
  }

  private void collect(OutboxEvent event) {
    String exchange = config.routing().exchangeOf(event);
    String routingKey = config.routing().routingKeyOf(event);
    if (exchange.isEmpty()) {
      queues.add(routingKey);
    } else {
      exchanges.add(exchange);
    }
  }

  private void examine(Connection connection) {
    var server = connection.getServerProperties();
    note(
        Finding.ok(
            "%s %s answers at %s, virtual host %s"
                .formatted(
                    server.get("product"),
                    server.get("version"),
                    config.address(),
                    config.virtualHost())));
    if (exchanges.isEmpty() && queues.isEmpty()) {
      note(
          Finding.ok(
              "No exchange is checked, because the exchange depends on the event and there is no"
                  + " event yet"));
    }
    var asked = new ExchangeInspector(connection);
    exchanges.forEach(exchange -> examineExchange(asked, exchange));
    queues.forEach(queue -> examineQueue(asked, queue));
  }

  private void examineExchange(ExchangeInspector asked, String exchange) {
    try {
      if (asked.exists(exchange)) {
        note(
            Finding.ok(
                "The exchange %s exists; publishing an event shows if a queue is bound to it"
                        .formatted(exchange)
                    + " for that event"));
      } else {
        note(
            Finding.problem(
                "The exchange " + exchange + " does not exist",
                "rabbitmqadmin declare exchange name=%s type=topic durable=true, and bind queues to it"
                    .formatted(ShellWord.of(exchange))));
      }
    } catch (IOException | ShutdownSignalException e) {
      unanswered("exchange " + exchange, e);
    }
  }

  private void examineQueue(ExchangeInspector asked, String queue) {
    try {
      if (asked.queueExists(queue)) {
        note(Finding.ok("The queue " + queue + " exists; the default exchange leads to it"));
      } else {
        note(
            Finding.problem(
                "The queue "
                    + queue
                    + " does not exist, and the default exchange leads nowhere else",
                "rabbitmqadmin declare queue name=%s queue_type=quorum durable=true, or name an exchange in rabbitmq.exchange"
                    .formatted(ShellWord.of(queue))));
      }
    } catch (IOException | ShutdownSignalException e) {
      unanswered("queue " + queue, e);
    }
  }

  private void unanswered(String what, Throwable failure) {
    note(
        Finding.warning(
            "RabbitMQ did not say whether the %s exists: %s"
                .formatted(what, ExceptionMapper.text(failure)),
            "see the log of RabbitMQ, and the permissions of the user " + config.username()));
  }

  private void note(Finding finding) {
    findings.add(finding);
  }
}
