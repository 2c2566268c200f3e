package io.outboxrelay.connect;

import io.outboxrelay.database.Database;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.publish.PublishException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;
import org.jspecify.annotations.Nullable;

/**
 * Hands the events of one shard to Connect, in the order in which they must be published.
 *
 * <p>The offset of each record is the position directly after its event. A task that continues from
 * a stored offset therefore loses no event, repeats none, and keeps their order. With exactly-once
 * support, each page is a transaction.
 */
public final class OutboxSourceTask extends SourceTask {
  /** The key of the property that contains the number of a task's shard. */
  static final String SHARD = "task.shard";

  static final String SHARDS = "task.shards";

  /**
   * The longest time that a poll waits for events. It is short, because a stop waits for the end of
   * the poll.
   */
  private static final Duration POLL = Duration.ofMillis(200);

  private @Nullable TaskVertx vertx;
  private @Nullable ShardReader reader;
  private @Nullable RecordFactory records;
  private @Nullable ConnectException failure;

  @Override
  public String version() {
    return OutboxSourceConnector.VERSION;
  }

  /**
   * Begins to open the shard, but does not wait until it is open, so that the task can be stopped
   * meanwhile.
   */
  @Override
  public void start(Map<String, String> properties) {
    var config = ConnectorConfig.from(properties);
    var share =
        new ShardKey(
            Integer.parseInt(Objects.requireNonNull(properties.get(SHARD))),
            Integer.parseInt(Objects.requireNonNull(properties.get(SHARDS))));
    var partition = SourcePartition.of(config.relay().outbox().names(), share);
    var offset = stored(partition);
    var own = new TaskVertx();
    vertx = own;
    records = new RecordFactory(config.records(), partition);
    reader =
        new ShardReader(
            own,
            new ShardSite(
                own.vertx(),
                Database.create(own.vertx(), config.database()),
                config,
                share,
                new SecureRandom().nextInt(OutboxNames.MOST_RELAYS)),
            offset);
  }

  private Optional<ShardOffset> stored(Map<String, String> partition) {
    var map = context.offsetStorageReader().offset(partition);
    try {
      return Optional.ofNullable(map).map(ShardOffset::of);
    } catch (ShardOffset.NonsenseException e) {
      throw new ConnectException(
          "the offset of " + partition + " was not written by a task: " + e.getMessage(), e);
    }
  }

  @Override
  public @Nullable List<SourceRecord> poll() throws InterruptedException {
    if (failure != null) {
      throw failure;
    }
    var read = Objects.requireNonNull(reader).next(POLL);
    return read.isEmpty() ? null : records(read.get());
  }

  /**
   * Returns the records for a page of events. If an event cannot become a record, returns the
   * records of the events before it, so that these are still published.
   */
  private List<SourceRecord> records(ShardReader.Read read) {
    var made = new ArrayList<SourceRecord>(read.page().page().events().size());
    try {
      for (int i = 0; i < read.page().page().events().size(); i++) {
        made.add(record(read, i));
      }
    } catch (ConnectException e) {
      if (made.isEmpty()) {
        throw e;
      }
      failure = e;
    }
    var transaction = context.transactionContext();
    if (transaction != null) {
      transaction.commitTransaction(made.get(made.size() - 1));
    }
    return made;
  }

  private SourceRecord record(ShardReader.Read read, int index) {
    var page = read.page().page();
    var event = page.events().get(index);
    var defect = page.defects().get(event.seq());
    if (defect != null) {
      throw unfit(event.toString(), defect);
    }
    try {
      return Objects.requireNonNull(records)
          .of(
              event,
              read.page().offsetAfter(index).toMap(),
              new OutboxRecord.Confirm(read.confirms(), read.pending()));
    } catch (PublishException.Rejected e) {
      throw unfit(event.toString(), String.valueOf(e.getMessage()));
    }
  }

  private static ConnectException unfit(String event, String reason) {
    return new ConnectException(
        event
            + " cannot become a record: "
            + reason
            + ". The task has published all events before it and stops here, because later ones"
            + " must not overtake it; correct or delete the row in the outbox, then restart the"
            + " task");
  }

  /** Called for each record that Kafka has confirmed, or that a transform has dropped. */
  @Override
  public void commitRecord(SourceRecord record, @Nullable RecordMetadata metadata) {
    if (record instanceof OutboxRecord ours) {
      ours.confirm();
    }
  }

  @Override
  public void stop() {
    var used = reader;
    var own = vertx;
    reader = null;
    vertx = null;
    if (own != null) {
      try (own) {
        if (used != null) {
          used.close();
        }
      }
    }
  }
}
