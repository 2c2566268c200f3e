package io.outboxrelay.failure;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Logs a sentence only once if several shards of a relay report the same problem, such as a
 * database that is down. The sentence is logged again only if a shard has begun to lead in between.
 * Safe for all threads.
 */
public final class LogOnce {
  /**
   * The highest number of sentences that are remembered. There is a limit because the sentences may
   * differ each time, for example in a number.
   */
  private static final int MOST = 100;

  private final Consumer<String> say;
  private final Set<String> raised = new HashSet<>();

  public LogOnce(Consumer<String> say) {
    this.say = say;
  }

  public synchronized void raise(String sentence) {
    if (raised.add(sentence)) {
      say.accept(sentence);
      if (raised.size() > MOST) {
        raised.clear();
        raised.add(sentence);
      }
    }
  }

  public synchronized void over() {
    raised.clear();
  }
}
