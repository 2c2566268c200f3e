package io.outboxrelay.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class BatchingExecutorTest {
  private final Queue<Runnable> thread = new ArrayDeque<>();
  private final List<Integer> ran = new ArrayList<>();

  @Test
  void tasksThatGatherTakeOneTurnOfTheThread() {
    var burst = new BatchingExecutor(thread::add);
    for (int i = 0; i < 1_000; i++) {
      int number = i;
      burst.execute(() -> ran.add(number));
    }

    assertThat(thread).hasSize(1);
    thread.remove().run();

    assertThat(ran).hasSize(1_000).isSorted();
  }

  @Test
  void aTaskAddedWhileTheyRunTakesTheNextTurn() {
    var burst = new BatchingExecutor(thread::add);
    burst.execute(() -> burst.execute(() -> ran.add(2)));
    burst.execute(() -> ran.add(1));

    thread.remove().run();
    assertThat(ran).containsExactly(1);
    thread.remove().run();

    assertThat(ran).containsExactly(1, 2);
    assertThat(thread).isEmpty();
  }

  @Test
  void aTaskThatFailsDoesNotKeepTheOthersFromRunning() {
    var burst = new BatchingExecutor(thread::add);
    burst.execute(
        () -> {
          throw new IllegalStateException("a test's");
        });
    burst.execute(() -> ran.add(1));

    thread.remove().run();

    assertThat(ran).containsExactly(1);
  }

  @Test
  void norDoesOneThatEndsWithAnError() {
    var burst = new BatchingExecutor(thread::add);
    burst.execute(
        () -> {
          throw new StackOverflowError("a test's");
        });
    burst.execute(() -> ran.add(1));

    thread.remove().run();

    assertThat(ran).containsExactly(1);
  }

  @Test
  void noTaskIsLostOrOvertakenWhenAThreadIsBusyAdding() throws Exception {
    var executor = Executors.newSingleThreadExecutor();
    try {
      var burst = new BatchingExecutor(executor);
      var last = new CountDownLatch(1);
      for (int i = 0; i < 200_000; i++) {
        int number = i;
        burst.execute(() -> ran.add(number));
      }
      burst.execute(last::countDown);
      last.await();
    } finally {
      executor.shutdown();
    }
    assertThat(ran).hasSize(200_000).isSorted().doesNotHaveDuplicates();
  }
}
