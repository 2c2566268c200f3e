package io.outboxrelay.leadership;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.outboxrelay.lifecycle.SimulatedTime;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.ShardKey;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LeaseCampaignTest {
  private static final ShardKey SHARE = new ShardKey(1, 4);

  private final SimulatedTime time = new SimulatedTime();
  private final Locks locks = new Locks();
  private final LeaseCampaign campaign =
      new LeaseCampaign(time.vertx(), time::nanoTime, locks, SHARE);
  private int rehearsals;
  private int brokerCalls;

  /** The locks of a shard that another relay owns until a test says otherwise. */
  private static final class Locks implements LeaseLocks {
    final List<String> announced = new ArrayList<>();
    Future<Attempt> answer = taken();
    Optional<String> owner = Optional.of("7@elsewhere");
    Future<List<String>> mismatches = Future.succeededFuture(List.of());
    Future<List<ForeignLock>> foreign = Future.succeededFuture(List.of());
    int tries;

    static Future<Attempt> taken() {
      return answer(false, SHARE.of(), false);
    }

    static Future<Attempt> answer(boolean isAcquired, int shards, boolean isBrokerCalled) {
      return Future.succeededFuture(
          new Attempt(isAcquired, OptionalInt.of(shards), isBrokerCalled));
    }

    @Override
    public Future<Attempt> tryLease() {
      tries++;
      return answer;
    }

    @Override
    public Future<Void> announceMember() {
      announced.add("member");
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> announceOwner() {
      announced.add("owner");
      return Future.succeededFuture();
    }

    @Override
    public Future<Optional<String>> owner() {
      return Future.succeededFuture(owner);
    }

    @Override
    public Future<List<String>> configMismatches() {
      return mismatches;
    }

    @Override
    public Future<List<ForeignLock>> foreignHolders() {
      return foreign;
    }
  }

  private Future<Void> await() {
    return campaign.await(() -> rehearsals++, () -> brokerCalls++);
  }

  @Test
  void aStandbyIsVisibleAndTriesUntilTheOwnerIsGone() {
    var acquired = await();
    assertThat(locks.announced).containsExactly("member");
    time.advance();
    time.advance();
    assertThat(locks.tries).isEqualTo(3);
    assertThat(acquired.isComplete()).isFalse();

    locks.answer = Locks.answer(true, SHARE.of(), false);
    time.advance();

    assertThat(acquired.succeeded()).isTrue();
    assertThat(time.hasTimers()).as("a campaign that has ended tries no more").isFalse();
  }

  /** The lock may be held although the shard has never had an owner, or has none at present. */
  @Test
  void aStandbyLogsTheLastOwnerIfThereIsOne() {
    assertThat(logOfAStandby())
        .isEqualTo("standing by for shard 1 of 4, last owned by 7@elsewhere");
  }

  @Test
  void aStandbyLogsNoOwnerIfThereWasNone() {
    locks.owner = Optional.empty();
    assertThat(logOfAStandby()).isEqualTo("standing by for shard 1 of 4");
  }

  private String logOfAStandby() {
    var log = new ListAppender<ILoggingEvent>();
    var logger = (Logger) LoggerFactory.getLogger(LeaseCampaign.class);
    log.start();
    logger.addAppender(log);
    try {
      await();
    } finally {
      logger.detachAppender(log);
    }
    assertThat(log.list).hasSize(1);
    return log.list.get(0).getFormattedMessage();
  }

  @Test
  void aStandbyWarmsUpAtOnceAndThenEveryMinute() {
    await();
    assertThat(rehearsals).isEqualTo(1);

    advance(59);
    assertThat(rehearsals).isEqualTo(1);
    advance(2);
    assertThat(rehearsals).isEqualTo(2);
    advance(59);
    assertThat(rehearsals).isEqualTo(2);
  }

  @Test
  void anOwnerThatAsksForTheBrokerIsHeardAtEachTry() {
    await();
    assertThat(brokerCalls).isZero();

    locks.answer = Locks.answer(false, SHARE.of(), true);
    time.advance();
    time.advance();

    assertThat(brokerCalls).isEqualTo(2);
  }

  /**
   * The campaign fails although it has acquired the lock. The lock ends with the connection, which
   * the caller closes.
   */
  @Test
  void aLeaseUnderAnotherNumberOfShardsIsNotAcquired() {
    locks.answer = Locks.answer(true, SHARE.of() + 1, false);

    assertThat(campaign.take().cause()).isInstanceOf(ShardCountChangedException.class);
    assertThat(locks.announced).isEmpty();
  }

  @Test
  void theWaitEndsIfTheNumberOfShardsChanges() {
    var acquired = await();
    locks.answer = Locks.answer(false, SHARE.of() + 1, false);
    time.advance();

    assertThat(acquired.cause()).isInstanceOf(ShardCountChangedException.class);
    assertThat(time.hasTimers()).isFalse();
  }

  @Test
  void oneTryFailsIfTheShardHasAnOwner() {
    var acquired = campaign.take();

    assertThat(acquired.cause()).isInstanceOf(LeaseTakenException.class);
    assertThat(locks.announced).isEmpty();
    assertThat(time.hasTimers()).isFalse();
  }

  @Test
  void anOwnerIsVisibleAsOne() {
    locks.answer = Locks.answer(true, SHARE.of(), false);

    assertThat(campaign.take().succeeded()).isTrue();
    assertThat(locks.announced).containsExactly("owner");
  }

  @Test
  void aLostConnectionEndsTheWait() {
    var acquired = await();
    locks.answer = Future.failedFuture("the connection was lost");
    time.advance();

    assertThat(acquired.cause()).hasMessage("the connection was lost");
    assertThat(time.hasTimers()).isFalse();
  }

  /** The standby only logs foreign locks, and its role may lack the privilege to see them. */
  @Test
  void aStandbyWaitsAlsoIfItCannotSeeForeignLocks() {
    locks.foreign = Future.failedFuture("permission denied");
    var acquired = await();
    locks.answer = Locks.answer(true, SHARE.of(), false);
    time.advance();

    assertThat(acquired.succeeded()).isTrue();
  }

  private void advance(int seconds) {
    long until = time.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (time.nanoTime() < until) {
      time.advance();
    }
  }
}
