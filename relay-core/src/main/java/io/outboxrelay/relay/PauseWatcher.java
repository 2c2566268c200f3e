package io.outboxrelay.relay;

import io.outboxrelay.dispatch.DestinationBreakers;
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
 * Obeys what operators have paused, for as long as it stands in the table.
 *
 * <p>It is read before anything is published, whenever somebody rings, and now and then, as a ring
 * may be missed. A shard whose reading is paused would not notice that its owners are called to let
 * go of it: that is looked for here.
 *
 * <p>Lives on one event loop, for one tenure.
 */
final class PauseWatcher {
  private static final Logger LOG = LoggerFactory.getLogger(PauseWatcher.class);
  private static final Duration WHILE_ALL_IS_PAUSED = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final SqlClient control;
  private final OutboxNames names;
  private final Duration interval;
  private final DestinationBreakers destinations;
  private final Runnable onCall;
  private Runnable onChange = () -> {};
  private volatile Optional<Pause> ofAll = Optional.empty();
  private Pauses known = Pauses.NONE;
  private boolean looking;
  private boolean rung;
  private boolean stopped;
  private long timer = -1;

  /**
   * @param control a connection to look on
   * @param interval how often to look where nobody rings
   * @param destinations to be told which of them are paused
   * @param onCall told, again and again while all is paused, when all owners are called to let go
   */
  PauseWatcher(
      Vertx vertx,
      SqlClient control,
      OutboxNames names,
      Duration interval,
      DestinationBreakers destinations,
      Runnable onCall) {
    this.vertx = vertx;
    this.control = control;
    this.names = names;
    this.interval = interval;
    this.destinations = destinations;
    this.onCall = onCall;
  }

  /** Whom to tell when {@link #isOn} may have changed. */
  void onChange(Runnable changed) {
    onChange = changed;
  }

  /** Whether everything is paused; may be asked on any thread. */
  boolean isOn() {
    return ofAll.isPresent();
  }

  /** Whether anything is paused: what is only sent again waits then. */
  boolean isSet() {
    return !known.list().isEmpty();
  }

  /** Reads what is paused for the first time; nothing may be published before. */
  Future<PauseWatcher> apply() {
    return Pauses.read(control, names)
        .map(
            pauses -> {
              obey(pauses);
              return this;
            });
  }

  /** Looks from now on. */
  void start() {
    later();
  }

  /** Looks right now. */
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

  /** A connection that is lost ends the tenure; whatever else it was is worth another try. */
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

  /** Looks no more. */
  void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
  }
}
