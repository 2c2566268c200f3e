package io.outboxrelay.partition;

import io.outboxrelay.deadletter.DeadLetters;
import io.outboxrelay.deadletter.OnRejected;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What the partitions need to know of one term of ownership.
 *
 * @param mayPublish whether the shard is still ours for certain; asked on any thread, before each
 *     event leaves
 * @param parked the aggregates whose events go to the dead letters; safe for all threads, added to
 * @param onFailure is told, on any thread, what ends the term: a fatal outcome, or a dead letter
 *     that cannot be written
 */
public record Term(
    DeadLetters deadLetters,
    OnRejected onRejected,
    BooleanSupplier mayPublish,
    Set<String> parked,
    Consumer<Throwable> onFailure) {}
