package io.outboxrelay.leadership;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeadershipTermTest {
  private final ScriptedSteps steps = new ScriptedSteps();
  private final LeadershipTerm term = new LeadershipTerm(steps::of);

  @Test
  void leadsAfterAllStepsInOrder() {
    assertThat(term.ledSince()).isEmpty();

    var campaign = term.campaign(() -> steps.taken.add("connected"));

    assertThat(campaign.succeeded()).isTrue();
    assertThat(steps.taken)
        .containsExactly(
            "prepare", "connected", "acquire lease", "take over", "begin publishing", "lead");
    assertThat(term.state()).isEqualTo(TermState.LEADING);
    assertThat(term.ledSince()).isPresent();
    assertThat(term.isPaused()).isTrue();
  }

  @Test
  void releasesTheLeaseOnlyWhenNothingIsInFlight() {
    term.campaign(() -> {});
    var pipeline = steps.hold("stop pipeline");
    var partitions = steps.hold("end on partitions");

    var ended = term.end();
    assertThat(steps.taken).contains("stop pipeline", "end on partitions");
    pipeline.complete();
    assertThat(steps.taken).doesNotContain("release lease");
    assertThat(ended.isComplete()).isFalse();

    // Also released if a step of the end fails, because otherwise no relay could take over.
    partitions.fail("the broker did not answer");
    assertThat(steps.taken).last().isEqualTo("release lease");
    assertThat(ended.succeeded()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"prepare", "acquire lease", "take over", "begin publishing"})
  void takesNoFurtherStepOnceItHasEnded(String last) {
    var waits = steps.hold(last);
    var campaign = term.campaign(() -> {});
    assertThat(steps.taken).last().isEqualTo(last);

    var ended = term.end();
    int taken = steps.taken.size();
    waits.complete();

    assertThat(campaign.cause()).isInstanceOf(TermOverException.class);
    assertThat(steps.taken).hasSize(taken);
    assertThat(ended.succeeded()).isTrue();
    assertThat(term.over().succeeded()).isTrue();
    assertThat(term.state().owns()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"prepare", "acquire lease", "take over"})
  void leavesThePartitionsAloneIfItHasNotBegunOnThem(String last) {
    steps.hold(last);
    term.campaign(() -> {});

    term.end();

    assertThat(steps.taken).contains("release lease").doesNotContain("end on partitions");
  }

  @Test
  void endsTheDrainInGoodOrderAndTellsWhatIsNotConfirmed() {
    term.campaign(() -> {});
    var drain = steps.hold("drain");

    var drained = term.drain();
    assertThat(steps.taken).doesNotContain("stop pipeline");
    drain.complete();

    assertThat(drained.result()).isEqualTo(3);
    assertThat(steps.taken)
        .endsWith("drain", "stop pipeline", "end on partitions", "release lease");
  }

  @Test
  void ownsTheShardFromTheLeaseToTheEnd() {
    var lease = steps.hold("acquire lease");
    var takeOver = steps.hold("take over");
    term.campaign(() -> {});
    assertThat(term.state().owns()).isFalse();

    lease.complete();
    assertThat(term.state().owns()).isTrue();

    takeOver.complete();
    assertThat(term.state().owns()).isTrue();

    term.end();
    assertThat(term.state().owns()).isFalse();
  }

  @Test
  void reportsTheFirstFailureOnlyAndNoneAfterItsEnd() {
    term.campaign(() -> {});
    steps.fail("the connection was lost");
    steps.fail("a query failed");
    assertThat(term.over().cause()).hasMessage("the connection was lost");

    var other = new LeadershipTerm(steps::of);
    other.end();
    steps.fail("a query failed");
    assertThat(other.over().succeeded()).isTrue();
  }
}
