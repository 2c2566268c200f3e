package io.outboxrelay.status;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A transaction that has a transaction id and has been open for long. Its events are published when
 * it commits. Until then, other events are published, but the clean-up does not delete events that
 * were written after the transaction began.
 *
 * @param pid the id of the server process; 0 if the transaction is prepared
 * @param xid the transaction id
 * @param application the application name of the connection, or the name of a prepared transaction
 * @param state the state of the connection, such as {@code idle in transaction}; empty if the
 *     relay's role may not see it
 * @param age the time since the transaction began; empty if the relay's role may not see it
 */
public record OpenTransaction(
    int pid, String xid, String application, String state, Optional<Duration> age) {
  /** A transaction younger than this is not reported. */
  public static final Duration LONG = Duration.ofSeconds(10);

  /**
   * Returns this transaction with the age {@code seen}; if it has an age already, returns it
   * unchanged.
   */
  public OpenTransaction agedAtLeast(Duration seen) {
    return age.isPresent()
        ? this
        : new OpenTransaction(pid, xid, application, state, Optional.of(seen));
  }

  /** Returns a name such as {@code the transaction of pid 4711 (psql, idle in transaction)}. */
  String named() {
    if (pid == 0) {
      return "the prepared transaction " + application;
    }
    String told =
        String.join(
            ", ", List.of(application, state).stream().filter(word -> !word.isEmpty()).toList());
    return "the transaction of pid " + pid + (told.isEmpty() ? "" : " (" + told + ")");
  }
}
