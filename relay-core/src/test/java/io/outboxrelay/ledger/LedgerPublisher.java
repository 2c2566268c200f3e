package io.outboxrelay.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;

/** Appends each event to its file, as a line. */
final class LedgerPublisher implements Publisher {
  private final Vertx vertx;
  private final LedgerConfig config;
  private boolean closed;

  LedgerPublisher(Vertx vertx, LedgerConfig config) {
    this.vertx = vertx;
    this.config = config;
  }

  @Override
  public Future<Void> publish(OutboxEvent event) {
    if (closed) {
      return Future.failedFuture(
          new PublishException.Retryable("the publisher is closed already", null));
    }
    return vertx.executeBlocking(() -> append(event));
  }

  /** Runs off the event loop, which must never wait for a disk. */
  private Void append(OutboxEvent event) {
    var payload = event.payload();
    if (payload != null && payload.length() > config.maxBytes()) {
      throw new PublishException.Rejected(
          payload.length() + " bytes exceed the limit of " + config.maxBytes() + " (max-bytes)",
          null);
    }
    var file = config.directory().resolve(config.file().of(event));
    try {
      // Without CREATE: a file that is missing is a mistake to be seen, not one to be hidden.
      Files.writeString(file, LedgerLine.of(event) + "\n", UTF_8, StandardOpenOption.APPEND);
      return null;
    } catch (NoSuchFileException e) {
      throw new PublishException.Retryable("there is no file " + file + "; create it", e);
    } catch (IOException e) {
      throw new PublishException.Retryable("the file " + file + " could not be written", e);
    }
  }

  /** The writes before run in order, so nothing is in flight behind this one. */
  @Override
  public Future<Void> close() {
    closed = true;
    return vertx.executeBlocking(() -> null);
  }
}
