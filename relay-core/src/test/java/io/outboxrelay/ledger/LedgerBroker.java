package io.outboxrelay.ledger;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A directory of files as configured. */
final class LedgerBroker implements Broker {
  private final LedgerConfig config;

  LedgerBroker(LedgerConfig config) {
    this.config = config;
  }

  /** A write that fails says nothing of the writes after it. */
  @Override
  public Ordering ordering() {
    return Ordering.ONE_AT_A_TIME;
  }

  @Override
  public String summary() {
    return "Ledger in " + config.directory() + ", file " + config.file();
  }

  @Override
  public String destination(OutboxEvent event) {
    return config.file().of(event);
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    return vertx.executeBlocking(
        () -> {
          if (!Files.isDirectory(config.directory())) {
            throw new PublishException.Retryable(
                "there is no directory " + config.directory(), null);
          }
          return new LedgerPublisher(vertx, config);
        });
  }

  @Override
  public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
    return vertx.executeBlocking(
        () -> {
          var findings = new ArrayList<Finding>();
          if (Files.isDirectory(config.directory())) {
            findings.add(Finding.ok("The directory " + config.directory() + " is there"));
            samples.forEach(sample -> findings.add(check(sample)));
          } else {
            findings.add(
                Finding.problem("There is no directory " + config.directory(), "create it"));
          }
          return findings;
        });
  }

  private Finding check(OutboxEvent sample) {
    try {
      var file = config.directory().resolve(config.file().of(sample));
      return Files.isWritable(file)
          ? Finding.ok("The file " + file + " can be written")
          : Finding.problem("The file " + file + " cannot be written", "touch " + file);
    } catch (PublishException.Rejected e) {
      return Finding.problem(sample + " has no file: " + e.getMessage(), "change ledger.file");
    }
  }

  @Override
  public String toString() {
    return summary();
  }
}
