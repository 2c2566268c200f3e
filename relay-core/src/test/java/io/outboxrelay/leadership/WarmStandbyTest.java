package io.outboxrelay.leadership;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.outbox.ShardKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmStandbyTest {
  private final List<ScriptedSteps> terms = new ArrayList<>();
  private final WarmStandby standby =
      new WarmStandby(
          new ShardKey(1, 2), new Backoff(Duration.ofHours(1), Duration.ofHours(1)), this::newTerm);

  private LeadershipTerm newTerm() {
    var steps = new ScriptedSteps();
    terms.add(steps);
    return new LeadershipTerm(steps::of);
  }

  @Test
  void preparesATermAndDoesNotSeekTheLease() {
    assertThat(standby.appoint().succeeded()).isTrue();
    assertThat(standby.isAppointed()).isTrue();

    standby.appoint();
    standby.rehearse();

    assertThat(terms).hasSize(1);
    assertThat(terms.get(0).taken).containsExactly("prepare", "warm up", "warm up");
  }

  @Test
  void handsOverItsTermOnceAndForgetsIt() {
    standby.appoint();

    var term = standby.succeed().orElseThrow();
    assertThat(standby.succeed()).isEmpty();
    assertThat(standby.isAppointed()).isFalse();

    // The caller that received the term handles its failures; the standby must not end it.
    terms.get(0).fail("the connection was lost");
    assertThat(term.state()).isEqualTo(TermState.PREPARED);
  }

  @Test
  void endsATermThatFailsAndWaitsBeforeItPreparesAnother() {
    standby.appoint();

    terms.get(0).fail("the connection was lost");
    assertThat(standby.isAppointed()).isFalse();
    assertThat(terms.get(0).taken).last().isEqualTo("release lease");

    assertThat(standby.appoint().succeeded()).isTrue();
    assertThat(terms).hasSize(1);
  }

  @Test
  void closesTheConnectionsWhenItIsDismissed() {
    standby.appoint();

    assertThat(standby.dismiss().succeeded()).isTrue();

    assertThat(standby.isAppointed()).isFalse();
    assertThat(terms.get(0).taken).last().isEqualTo("release lease");
    assertThat(standby.dismiss().succeeded()).isTrue();
  }
}
