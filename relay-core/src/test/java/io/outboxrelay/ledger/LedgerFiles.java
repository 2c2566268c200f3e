package io.outboxrelay.ledger;

import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestBroker;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/** A directory of files as tests see it. Nothing runs, so nothing can be killed or paused. */
final class LedgerFiles implements TestBroker {
  private final Path directory;

  LedgerFiles(Path directory) {
    this.directory = directory;
  }

  @Override
  public String name() {
    return "ledger";
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("directory", directory.toString());
  }

  @Override
  public String newDestination(Map<String, Object> options) {
    try {
      return Files.createFile(directory.resolve("file-" + UUID.randomUUID()))
          .getFileName()
          .toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Does not wait: what is confirmed has been written. */
  @Override
  public List<ReceivedMessage> consume(String destination, int count, Duration timeout) {
    try {
      return Files.readAllLines(directory.resolve(destination)).stream()
          .map(JsonObject::new)
          .map(LedgerFiles::message)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ReceivedMessage message(JsonObject line) {
    var headers = new TreeMap<String, String>();
    line.getJsonObject("headers").forEach(entry -> headers.put(entry.getKey(), text(entry)));
    var time = Instant.parse(headers.getOrDefault(MessageHeaders.EVENT_TIME, ""));
    return new ReceivedMessage(
        line.getString("key"), line.getBuffer("payload"), headers, time, Map.of());
  }

  private static String text(Map.Entry<String, Object> entry) {
    return String.valueOf(entry.getValue());
  }

  @Override
  public Subscription subscribe(String destination, Consumer<ReceivedMessage> handler) {
    throw new UnsupportedOperationException("the contract does not subscribe");
  }

  @Override
  public String origin() {
    return "a directory of files";
  }

  @Override
  public boolean controllable() {
    return false;
  }

  @Override
  public void kill() {
    throw new UnsupportedOperationException(origin());
  }

  @Override
  public void stop() {
    throw new UnsupportedOperationException(origin());
  }

  @Override
  public void pause() {
    throw new UnsupportedOperationException(origin());
  }

  @Override
  public void resume() {
    throw new UnsupportedOperationException(origin());
  }

  @Override
  public void restart() {
    throw new UnsupportedOperationException(origin());
  }

  @Override
  public void close() {}
}
