package io.outboxrelay.relay;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Says once what all shards of a relay notice, such as that the database is away; again only after
 * one of them has worked in between. For any thread.
 */
final class LogOnce {
  private final Consumer<String> say;
  private final Set<String> raised = new HashSet<>();

  LogOnce(Consumer<String> say) {
    this.say = say;
  }

  synchronized void raise(String sentence) {
    if (raised.add(sentence)) {
      say.accept(sentence);
    }
  }

  synchronized void over() {
    raised.clear();
  }
}
