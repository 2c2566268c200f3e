package io.outboxrelay.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceGroupTest {
  private static final Duration BOUND = Duration.ofSeconds(1);

  private final List<String> calls = new ArrayList<>();

  /**
   * The promises of the scripted services, which a test completes, or the stress test at random.
   */
  private final Deque<Promise<Void>> pending = new ArrayDeque<>();

  private final class ScriptedService extends Service {
    private final String name;
    private final boolean throwsAtStart;

    ScriptedService(String name, boolean throwsAtStart) {
      this.name = name;
      this.throwsAtStart = throwsAtStart;
    }

    @Override
    protected Future<Void> startNow() {
      if (throwsAtStart) {
        calls.add("start " + name);
        throw new IllegalArgumentException("does not start");
      }
      return called("start");
    }

    @Override
    protected Future<Void> drainNow(Duration bound) {
      return called("drain");
    }

    @Override
    protected Future<Void> stopNow() {
      return called("stop");
    }

    private Future<Void> called(String action) {
      calls.add(action + " " + name);
      Promise<Void> promise = Promise.promise();
      pending.add(promise);
      return promise.future();
    }
  }

  private ServiceGroup group(String... names) {
    return new ServiceGroup(
        List.of(names).stream().map(name -> new ScriptedService(name, false)).toList());
  }

  private void completeAll() {
    while (!pending.isEmpty()) {
      pending.remove().complete();
    }
  }

  @Test
  void startsOneAfterTheOtherAndStopsInReverseOrder() {
    var group = group("a", "b");
    var started = group.start();
    assertThat(calls).containsExactly("start a");

    pending.remove().complete();
    assertThat(calls).containsExactly("start a", "start b");
    assertThat(started.isComplete()).isFalse();

    pending.remove().complete();
    assertThat(started.succeeded()).isTrue();

    calls.clear();
    var drained = group.drain(BOUND);
    assertThat(calls).containsExactly("drain b", "drain a");
    assertThat(drained.isComplete()).isFalse();
    completeAll();
    assertThat(drained.succeeded()).isTrue();

    calls.clear();
    var stopped = group.stop();
    assertThat(calls).containsExactly("stop b", "stop a");
    assertThat(stopped.isComplete()).isFalse();
    completeAll();
    assertThat(stopped.succeeded()).isTrue();
  }

  @Test
  void startsNoFurtherServiceIfItIsStoppedDuringTheStart() {
    var group = group("a", "b");
    var started = group.start();

    group.stop();
    completeAll();

    assertThat(started.cause()).isInstanceOf(ServiceStoppedException.class);
    assertThat(calls).containsExactly("start a", "stop a");
  }

  @Test
  void startsNoFurtherServiceIfItIsDrainedDuringTheStart() {
    var group = group("a", "b");
    var started = group.start();

    group.drain(BOUND);
    completeAll();

    assertThat(started.cause()).isInstanceOf(ServiceStoppedException.class);
    assertThat(calls).containsExactly("start a", "drain a");
  }

  @Test
  void failsADrainThatIsCutShortByAStop() {
    var group = group("a");
    group.start();
    completeAll();

    var drained = group.drain(BOUND);
    group.stop();

    assertThat(drained.cause()).isInstanceOf(ServiceStoppedException.class);
  }

  @Test
  void startsNothingAfterAStopOrADrain() {
    var stopped = group("a");
    stopped.stop();
    assertThat(stopped.start().cause()).isInstanceOf(ServiceStoppedException.class);

    var drained = group("b");
    assertThat(drained.drain(BOUND).succeeded()).isTrue();
    assertThat(drained.start().cause()).isInstanceOf(ServiceStoppedException.class);
    assertThat(calls).isEmpty();
  }

  @Test
  void refusesASecondStart() {
    var group = group("a");
    group.start();

    assertThatThrownBy(group::start).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void stopsTheServicesThatHadStartedIfTheNextOneThrows() {
    var group =
        new ServiceGroup(
            List.of(
                new ScriptedService("a", false),
                new ScriptedService("b", true),
                new ScriptedService("c", false)));
    var started = group.start();
    completeAll();
    assertThat(started.cause()).hasMessage("does not start");

    var stopped = group.stop();
    completeAll();

    assertThat(stopped.isComplete()).isTrue();
    assertThat(calls).containsExactly("start a", "start b", "stop b", "stop a");
  }

  /**
   * Start, drain and stop come in random order, and each step of a service succeeds, fails or is
   * late.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void endsInGoodOrderWhateverHappens(long seed) {
    var dice = new Random(seed);
    for (int run = 0; run < 50; run++) {
      endsInGoodOrder(dice);
    }
  }

  private void endsInGoodOrder(Random dice) {
    calls.clear();
    pending.clear();
    var services = new ArrayList<Service>();
    for (int i = 0; i <= dice.nextInt(6); i++) {
      services.add(new ScriptedService(Integer.toString(i), dice.nextInt(10) == 0));
    }
    var group = new ServiceGroup(services);
    var results = new ArrayList<Future<Void>>();
    boolean started = false;
    int endedAt = -1;
    int stoppedAt = -1;
    for (int step = 0; step < 30; step++) {
      switch (dice.nextInt(8)) {
        case 0 -> {
          if (!started) {
            started = true;
            results.add(group.start());
          }
        }
        case 1 -> {
          endedAt = endedAt < 0 ? calls.size() : endedAt;
          results.add(group.drain(BOUND));
        }
        case 2 -> {
          if (dice.nextInt(4) == 0) {
            stoppedAt = stoppedAt < 0 ? calls.size() : stoppedAt;
            results.add(group.stop());
          }
        }
        default -> settleOne(dice);
      }
    }
    stoppedAt = stoppedAt < 0 ? calls.size() : stoppedAt;
    endedAt = endedAt < 0 ? stoppedAt : Math.min(endedAt, stoppedAt);
    results.add(group.stop());
    while (!pending.isEmpty()) {
      settleOne(dice);
    }

    assertThat(results).allMatch(Future::isComplete);
    assertThat(calls.subList(endedAt, calls.size())).noneMatch(call -> call.startsWith("start"));
    assertThat(calls.subList(stoppedAt, calls.size())).allMatch(call -> call.startsWith("stop"));
    assertThat(of("stop")).isEqualTo(reversed(of("start")));
    assertThat(calls).doesNotHaveDuplicates();
  }

  private void settleOne(Random dice) {
    var next = pending.poll();
    if (next != null) {
      if (dice.nextInt(5) == 0) {
        next.fail("as scripted");
      } else {
        next.complete();
      }
    }
  }

  private List<String> of(String action) {
    return calls.stream()
        .filter(call -> call.startsWith(action))
        .map(call -> call.substring(action.length()))
        .toList();
  }

  private static List<String> reversed(List<String> list) {
    var reversed = new ArrayList<>(list);
    java.util.Collections.reverse(reversed);
    return reversed;
  }
}
