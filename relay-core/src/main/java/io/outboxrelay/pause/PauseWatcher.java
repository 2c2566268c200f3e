package io.outboxrelay.pause;

import io.outboxrelay.lifecycle.NotifiedPoller;
import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.TrustedRole;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the pauses that operators have written to the pause table, and passes each change to a
 * listener, which applies it: {@code ShardPipeline} pauses the pump or single destinations.
 *
 * <p>The table is read before anything is published, on every notification, and at intervals,
 * because a notification may be missed. While everything is paused, the outbox is not read, and its
 * reader cannot notice a request to release the shard for a re-sharding. During this time, this
 * class looks for such a request.
 *
 * <p>Runs on one event loop, for one term.
 */
public final class PauseWatcher extends Service {
  private static final Logger LOG = LoggerFactory.getLogger(PauseWatcher.class);
  private static final Duration WHILE_ALL_IS_PAUSED = Duration.ofSeconds(1);

  private final Source source;
  private final Duration interval;
  private final Listener listener;
  private final NotifiedPoller poller;
  private volatile Optional<Pause> ofAll = Optional.empty();
  private Pauses known = Pauses.NONE;

  /** Reads the tables in which pauses and requests are stored. */
  public interface Source {
    Future<Pauses> pauses();

    /** Completes with true while all owners are asked to release their shards. */
    Future<Boolean> areOwnersCalled();

    static Source of(SqlClient control, OutboxNames names) {
      return new Source() {
        @Override
        public Future<Pauses> pauses() {
          return Pauses.read(control, names);
        }

        @Override
        public Future<Boolean> areOwnersCalled() {
          return control
              .query("select " + TrustedRole.calls(names))
              .execute()
              .map(rows -> rows.iterator().next().getBoolean(0));
        }
      };
    }
  }

  /** Receives the pauses and requests that were read. */
  public interface Listener {
    /** Called if the pauses have changed. */
    void changed(Pauses now);

    /**
     * Called at each read, while all is paused, if all owners are asked to release their shards.
     */
    void called();
  }

  /**
   * @param interval the time between two reads without a notification; while everything is paused,
   *     at most one second is used
   */
  public PauseWatcher(Vertx vertx, Source source, Duration interval, Listener listener) {
    this.source = source;
    this.interval = interval;
    this.listener = listener;
    this.poller = new NotifiedPoller(vertx, this::lookOnce, this::failed);
  }

  /** Returns true if everything is paused. May be called on any thread. */
  public boolean isOn() {
    return ofAll.isPresent();
  }

  /** Returns true if anything is paused. Replays wait during this time. */
  public boolean isSet() {
    return !known.list().isEmpty();
  }

  /** Reads at intervals from now on. */
  @Override
  protected Future<Void> startNow() {
    poller.lookAfter(pause());
    return Future.succeededFuture();
  }

  /** Reads the pauses now or, if a read is under way, once more after it. */
  public void look() {
    poller.look();
  }

  private Future<Duration> lookOnce() {
    return source
        .pauses()
        .compose(pauses -> isCalled().onSuccess(called -> looked(pauses, called)))
        .map(looked -> pause());
  }

  private Future<Boolean> isCalled() {
    return isOn() ? source.areOwnersCalled() : Future.succeededFuture(false);
  }

  private void looked(Pauses pauses, boolean called) {
    if (isStopped()) {
      return;
    }
    passOn(pauses);
    if (called) {
      listener.called();
    }
  }

  /**
   * Passes pauses that were read to the listener if they differ from the pauses passed before. Must
   * be called once before any event is published.
   */
  public void passOn(Pauses pauses) {
    if (pauses.equals(known)) {
      return;
    }
    known = pauses;
    ofAll = pauses.ofAll();
    pauses.list().forEach(pause -> LOG.info("{} is {}", pause.what(), pause.sentence()));
    if (pauses.list().isEmpty()) {
      LOG.info("nothing is paused any more");
    }
    listener.changed(pauses);
  }

  /**
   * Handles a failed read: keeps the known pauses in force, and returns the time until the next
   * read. If the connection is lost, the term ends in any case.
   */
  private Duration failed(Throwable failure) {
    LOG.warn(
        "the pauses could not be read, so those known remain in force; trying again: {}",
        failure.getMessage());
    return pause();
  }

  private Duration pause() {
    return isOn() && interval.compareTo(WHILE_ALL_IS_PAUSED) > 0 ? WHILE_ALL_IS_PAUSED : interval;
  }

  /**
   * Ends reading. A drain does not end reading, because an operator may pause a destination during
   * a drain.
   */
  @Override
  protected Future<Void> stopNow() {
    poller.stop();
    return Future.succeededFuture();
  }
}
