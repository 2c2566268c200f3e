package io.outboxrelay.kafka;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;

/** The configured Kafka cluster. */
final class KafkaBroker implements Broker {
  private final KafkaConfig config;
  private final PartitionGrowth growth = new PartitionGrowth();

  KafkaBroker(KafkaConfig config) {
    this.config = config;
  }

  /**
   * Returns {@link Ordering#PIPELINED}. The producer has only one request in flight and repeats it
   * until it is confirmed, so a later event cannot overtake an earlier one.
   */
  @Override
  public Ordering ordering() {
    return Ordering.PIPELINED;
  }

  @Override
  public String summary() {
    return "Kafka at " + config.address() + ", " + route();
  }

  @Override
  public String route() {
    return "topic " + config.routing().topic() + config.formats().phrase();
  }

  @Override
  public String destination(OutboxEvent event) {
    return config.topicOf(event);
  }

  /**
   * Returns a broker that sends every event to {@code destination}, a topic name or a template of
   * topic names.
   */
  @Override
  public Broker redirectedTo(String destination) {
    return new KafkaBroker(config.redirectedTo(destination));
  }

  @Override
  public boolean isRoutedByType() {
    return config.routing().topic().isByType();
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    // Describing the cluster blocks, so it runs on a worker thread; the publisher is then created
    // in
    // the caller's context.
    return vertx
        .executeBlocking(() -> ClusterInspector.using(config, ClusterInspector::describe), false)
        .compose(reached -> KafkaPublisher.create(vertx, config, growth));
  }

  @Override
  public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
    return vertx.executeBlocking(() -> KafkaCheck.run(config, samples), false);
  }

  @Override
  public String toString() {
    return summary();
  }
}
