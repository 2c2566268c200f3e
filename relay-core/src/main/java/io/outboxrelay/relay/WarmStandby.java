package io.outboxrelay.relay;

import io.outboxrelay.dispatch.Backoff;
import io.outboxrelay.outbox.ShardKey;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has at hand what taking a shard over needs, while another relay owns it: a prepared {@link
 * LeadershipTerm}. What it loses is opened again, later and later.
 *
 * <p>That the shard can be taken is not needed for now, so no failure is anyone's concern.
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
   * @param terms called whenever a new one is needed
   */
  WarmStandby(ShardKey share, Backoff retry, Supplier<LeadershipTerm> terms) {
    this.share = share;
    this.retry = retry;
    this.terms = terms;
  }

  /** Whether it has what it needs, or is about to; may be asked on any thread. */
  boolean isAppointed() {
    return term != null;
  }

  /**
   * To be called again and again: changes nothing where it is appointed, or has just failed.
   *
   * @return completes when it has what it needs, or could not get it
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

  /** To be called now and then, as what was looked up is forgotten. */
  void rehearse() {
    var waiting = term;
    if (waiting != null) {
      waiting.prepare();
    }
  }

  /** What it has, which is its business no longer. */
  Optional<LeadershipTerm> succeed() {
    var waiting = Optional.ofNullable(term);
    term = null;
    return waiting;
  }

  /** Completes when nothing of it is left. */
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
