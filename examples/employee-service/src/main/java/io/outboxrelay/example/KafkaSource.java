package io.outboxrelay.example;

import io.outboxrelay.inbox.InboxMessage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.kafka.client.consumer.KafkaConsumer;
import io.vertx.kafka.client.consumer.KafkaConsumerRecord;
import io.vertx.kafka.client.consumer.KafkaConsumerRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Events from a Kafka topic: polls, lets the handler run, commits the offsets, and polls again. */
final class KafkaSource implements EventSource {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaSource.class);
  private static final Duration NO_LONGER_THAN = Duration.ofMillis(500);
  private static final long PAUSE_MILLIS = 1_000;

  private final Vertx vertx;
  private final Map<String, String> settings;
  private final String topic;
  private Function<List<InboxMessage<EmployeeEvent>>, Future<?>> handler =
      batch -> Future.succeededFuture();
  private @Nullable KafkaConsumer<Buffer, Buffer> consumer;
  private boolean closed;

  KafkaSource(Vertx vertx, Map<String, String> given, String topic) {
    this.vertx = vertx;
    this.topic = topic;
    this.settings = new HashMap<>(Map.of("group.id", "directory", "auto.offset.reset", "earliest"));
    settings.putAll(given);
    // Offsets must be committed after the effects, never before.
    settings.put("enable.auto.commit", "false");
  }

  @Override
  public Future<Void> start(Function<List<InboxMessage<EmployeeEvent>>, Future<?>> handler) {
    this.handler = handler;
    return begin();
  }

  private Future<Void> begin() {
    KafkaConsumer<Buffer, Buffer> fresh =
        KafkaConsumer.create(vertx, settings, Buffer.class, Buffer.class);
    consumer = fresh;
    return fresh.subscribe(topic).onSuccess(subscribed -> next(fresh));
  }

  private void next(KafkaConsumer<Buffer, Buffer> from) {
    from.poll(NO_LONGER_THAN)
        .compose(records -> records.isEmpty() ? Future.succeededFuture() : handle(from, records))
        .onComplete(handled -> goOn(from), failure -> beginAgain(from, failure));
  }

  private Future<Void> handle(
      KafkaConsumer<Buffer, Buffer> from, KafkaConsumerRecords<Buffer, Buffer> records) {
    var batch = new ArrayList<InboxMessage<EmployeeEvent>>(records.size());
    for (int i = 0; i < records.size(); i++) {
      var message = records.recordAt(i);
      batch.add(EmployeeEvent.received(message.value(), name -> header(message, name)));
    }
    return handler.apply(batch).compose(handled -> from.commit());
  }

  private static @Nullable String header(KafkaConsumerRecord<?, ?> message, String name) {
    return message.headers().stream()
        .filter(header -> header.key().equals(name))
        .map(header -> header.value().toString())
        .findFirst()
        .orElse(null);
  }

  private void goOn(KafkaConsumer<Buffer, Buffer> from) {
    if (!closed) {
      next(from);
    }
  }

  /**
   * Replaces the consumer. The new one begins at the last committed offset, so the failed batch
   * comes again.
   */
  private void beginAgain(KafkaConsumer<Buffer, Buffer> from, Throwable failure) {
    if (closed) {
      return;
    }
    LOG.warn("events from topic {} were not handled and will come again", topic, failure);
    from.close().onComplete(closed -> beginLater());
  }

  private void beginLater() {
    vertx
        .timer(PAUSE_MILLIS)
        .compose(fired -> closed ? Future.succeededFuture() : begin())
        .onFailure(
            failure -> {
              LOG.warn("topic {} cannot be read yet", topic, failure);
              beginLater();
            });
  }

  @Override
  public Future<Void> close() {
    closed = true;
    return consumer == null ? Future.succeededFuture() : consumer.close();
  }
}
