package io.outboxrelay.leadership;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.outbox.ShardKey;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a prepared {@link LeadershipTerm} for a shard that another relay owns, so that taking it
 * over is quick. If the term loses a connection, a new term is prepared after a pause, which grows
 * with each failure.
 *
 * <p>Failures are only logged at debug level, because another relay publishes the shard now. Runs
 * on the event loop of its {@link ShardVerticle}.
 */
final class WarmStandby {
  private static final Logger LOG = LoggerFactory.getLogger(WarmStandby.class);

  private final ShardKey share;
  private final Backoff retry;
  private final Supplier<LeadershipTerm> terms;
  private volatile @Nullable LeadershipTerm term;
  private int failures;
  private long due = System.nanoTime();

  /**
   * @param terms creates a new term
   */
  WarmStandby(ShardKey share, Backoff retry, Supplier<LeadershipTerm> terms) {
    this.share = share;
    this.retry = retry;
    this.terms = terms;
  }

  /** Returns true if a term is prepared or being prepared. May be called on any thread. */
  boolean isAppointed() {
    return term != null;
  }

  /**
   * Prepares a term if there is none and the pause after the last failure is over. To be called
   * repeatedly.
   *
   * @return completes when the term is prepared or its preparation has failed; never fails
   */
  Future<Void> appoint() {
    if (term == null && System.nanoTime() - due >= 0) {
      var next = terms.get();
      term = next;
      next.over().onFailure(failure -> lost(next, failure));
      return next.prepare()
          .onComplete(prepared -> failures = 0, failure -> lost(next, failure))
          .otherwiseEmpty();
    }
    return Future.succeededFuture();
  }

  /** Warms up the prepared term again. To be called periodically, because caches expire. */
  void rehearse() {
    var waiting = term;
    if (waiting != null) {
      waiting.prepare();
    }
  }

  /** Returns the prepared term, which the caller must end from now on; empty if there is none. */
  Optional<LeadershipTerm> succeed() {
    var waiting = Optional.ofNullable(term);
    term = null;
    return waiting;
  }

  /** Ends the prepared term, if there is one; completes when its connections are closed. */
  Future<Void> dismiss() {
    return succeed().map(LeadershipTerm::end).orElseGet(Future::succeededFuture);
  }

  private void lost(LeadershipTerm broken, Throwable failure) {
    if (broken == term) {
      LOG.debug("not prepared to take over {}", share, failure);
      term = null;
      broken.end();
      failures++;
      due = System.nanoTime() + retry.millis(failures) * 1_000_000;
    }
  }
}
