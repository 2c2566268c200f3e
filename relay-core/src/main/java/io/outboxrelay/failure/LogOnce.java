package io.outboxrelay.failure;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Logs a sentence once if several shards of a relay notice the same problem, such as a database
 * that is down. Logs it again only after a shard has worked in between. Safe for all threads.
 */
public final class LogOnce {
  /** Bounds the memory, because sentences may differ each time, for example in a number. */
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
