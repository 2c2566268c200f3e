package io.outboxrelay.pipeline;

import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.TrustedRole;
import io.outboxrelay.pause.Pause;
import io.outboxrelay.pause.Pauses;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the pauses that operators have written to the pause table.
 *
 * <p>The table is read before anything is published, on every notification, and at intervals,
 * because a notification may be missed. While everything is paused, the shard is not read, so the
 * reader cannot see that owners are asked to release their shards; this class looks for that
 * request then.
 *
 * <p>Lives on one event loop, for one term.
 */
final class PauseWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(PauseWatcher.class);
  private static final Duration WHILE_ALL_IS_PAUSED = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final SqlClient control;
  private final OutboxNames names;
  private final Duration interval;
  private final DestinationGate destinations;
  private final Runnable onCall;
  private Runnable onChange = () -> {};
  private volatile Optional<Pause> ofAll = Optional.empty();
  private Pauses known = Pauses.NONE;
  private boolean looking;
  private boolean rung;
  private boolean stopped;
  private long timer = -1;

  /**
   * @param control the connection to read on
   * @param interval between two reads without a notification; at most one second while all is
   *     paused
   * @param destinations told which destinations are paused
   * @param onCall called at each read, while all is paused, if all owners are asked to release
   *     their shards
   */
  PauseWatcher(
      Vertx vertx,
      SqlClient control,
      OutboxNames names,
      Duration interval,
      DestinationGate destinations,
      Runnable onCall) {
    this.vertx = vertx;
    this.control = control;
    this.names = names;
    this.interval = interval;
    this.destinations = destinations;
    this.onCall = onCall;
  }

  /** Sets the action to call if {@link #isOn} may have changed. */
  void onChange(Runnable changed) {
    onChange = changed;
  }

  /** Returns true if everything is paused. May be called on any thread. */
  boolean isOn() {
    return ofAll.isPresent();
  }

  /** Returns true if anything is paused. Replays wait then. */
  boolean isSet() {
    return !known.list().isEmpty();
  }

  /** Reads the pauses for the first time; nothing may be published before this completes. */
  Future<PauseWatcher> apply() {
    return Pauses.read(control, names)
        .map(
            pauses -> {
              obey(pauses);
              return this;
            });
  }

  /** Starts reading at intervals. */
  void start() {
    later();
  }

  /** Reads the pauses now, or once more after the read under way. */
  void look() {
    if (looking) {
      rung = true;
      return;
    }
    vertx.cancelTimer(timer);
    if (stopped) {
      return;
    }
    looking = true;
    rung = false;
    Pauses.read(control, names)
        .compose(pauses -> called().onSuccess(called -> looked(pauses, called)))
        .onComplete(over -> lookAgain(), this::failed);
  }

  private Future<Boolean> called() {
    return isOn()
        ? control
            .query("select " + TrustedRole.calls(names))
            .execute()
            .map(rows -> rows.iterator().next().getBoolean(0))
        : Future.succeededFuture(false);
  }

  private void looked(Pauses pauses, boolean called) {
    if (stopped) {
      return;
    }
    obey(pauses);
    if (called) {
      onCall.run();
    }
  }

  private void obey(Pauses pauses) {
    if (pauses.equals(known)) {
      return;
    }
    known = pauses;
    destinations.pause(pauses);
    var before = ofAll;
    ofAll = pauses.ofAll();
    pauses.list().forEach(pause -> LOG.info("{} is {}", pause.destination(), pause.sentence()));
    if (pauses.list().isEmpty()) {
      LOG.info("nothing is paused any more");
    }
    if (!before.equals(ofAll)) {
      onChange.run();
    }
  }

  private void lookAgain() {
    looking = false;
    if (rung) {
      look();
    } else {
      later();
    }
  }

  /** Tries again later. If the connection was lost, the term ends anyway. */
  private void failed(Throwable failure) {
    looking = false;
    if (!stopped) {
      LOG.warn(
          "what is paused could not be read, so that stays as it was; trying again: {}",
          failure.getMessage());
      later();
    }
  }

  private void later() {
    if (!stopped) {
      var pause =
          isOn() && interval.compareTo(WHILE_ALL_IS_PAUSED) > 0 ? WHILE_ALL_IS_PAUSED : interval;
      timer = vertx.setTimer(Math.max(1, pause.toMillis()), due -> look());
    }
  }

  /** Stops reading. */
  void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
  }
}
