package io.outboxrelay.relay;

import io.outboxrelay.outbox.Share;
import io.outboxrelay.partition.Backoff;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has at hand what taking a shard over needs, while another relay owns it: a prepared {@link
 * Tenure}. What it loses is opened again, later and later.
 *
 * <p>That the shard can be taken is not needed for now, so no failure is anyone's concern.
 */
final class Heir {
  private static final Logger LOG = LoggerFactory.getLogger(Heir.class);

  private final Share share;
  private final Backoff retry;
  private final Supplier<Tenure> tenures;
  private volatile @Nullable Tenure tenure;
  private int failures;
  private long due = System.nanoTime();

  /**
   * @param tenures called whenever a new one is needed
   */
  Heir(Share share, Backoff retry, Supplier<Tenure> tenures) {
    this.share = share;
    this.retry = retry;
    this.tenures = tenures;
  }

  /** Whether it has what it needs, or is about to; may be asked on any thread. */
  boolean isAppointed() {
    return tenure != null;
  }

  /**
   * To be called again and again: changes nothing where it is appointed, or has just failed.
   *
   * @return completes when it has what it needs, or could not get it
   */
  Future<Void> appoint() {
    if (tenure == null && System.nanoTime() - due >= 0) {
      var next = tenures.get();
      tenure = next;
      next.over().onFailure(failure -> lost(next, failure));
      return next.prepare()
          .onComplete(prepared -> failures = 0, failure -> lost(next, failure))
          .otherwiseEmpty();
    }
    return Future.succeededFuture();
  }

  /** To be called now and then, as what was looked up is forgotten. */
  void rehearse() {
    var waiting = tenure;
    if (waiting != null) {
      waiting.prepare();
    }
  }

  /** What it has, which is its business no longer. */
  Optional<Tenure> succeed() {
    var waiting = Optional.ofNullable(tenure);
    tenure = null;
    return waiting;
  }

  /** Completes when nothing of it is left. */
  Future<Void> dismiss() {
    return succeed().map(Tenure::end).orElseGet(Future::succeededFuture);
  }

  private void lost(Tenure broken, Throwable failure) {
    if (broken == tenure) {
      LOG.debug("not prepared to take over {}", share, failure);
      tenure = null;
      broken.end();
      failures++;
      due = System.nanoTime() + retry.millis(failures) * 1_000_000;
    }
  }
}
