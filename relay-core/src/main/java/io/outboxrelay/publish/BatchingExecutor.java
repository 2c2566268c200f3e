package io.outboxrelay.publish;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks from any thread on another thread, in the order in which they were added. A publisher
 * uses this executor if the broker's client reports confirms on a thread of the client.
 *
 * <p>The other thread is woken once for all tasks that have gathered, because waking it for each
 * task would cost more than running the task.
 */
public final class BatchingExecutor implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(BatchingExecutor.class);

  private final Executor thread;
  private List<Runnable> gathering = new ArrayList<>();
  private List<Runnable> spare = new ArrayList<>();
  private boolean scheduled;

  /**
   * @param thread runs one task at a time, in the order in which they were added
   */
  public BatchingExecutor(Executor thread) {
    this.thread = thread;
  }

  @Override
  public void execute(Runnable task) {
    boolean first;
    synchronized (this) {
      gathering.add(task);
      first = !scheduled;
      scheduled = true;
    }
    if (first) {
      thread.execute(this::runAll);
    }
  }

  private void runAll() {
    var burst = take();
    try {
      for (int i = 0; i < burst.size(); i++) {
        run(burst.get(i));
      }
    } finally {
      burst.clear();
    }
  }

  /**
   * Catches every failure of a task. Otherwise the tasks after it would not run, and the futures
   * that they complete would stay open for ever.
   */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (Throwable e) {
      LOG.error("A task of a publisher failed unexpectedly; the tasks after it still run", e);
    }
  }

  private synchronized List<Runnable> take() {
    var burst = gathering;
    gathering = spare;
    spare = burst;
    scheduled = false;
    return burst;
  }
}
