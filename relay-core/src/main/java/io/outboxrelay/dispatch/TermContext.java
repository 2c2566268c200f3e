package io.outboxrelay.dispatch;

import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.deadletter.DeadLetterWriter;
import io.outboxrelay.deadletter.RejectionPolicy;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The state of one term that the partitions need.
 *
 * @param mayPublish true while the relay certainly owns the shard; called on any thread, before
 *     each event is handed over
 * @param snapshot the dead letters and parked aggregates of the shard
 * @param destinations tells which events must be deferred
 * @param onFailure called, on any thread, with the failure that ends the term, such as a dead
 *     letter that cannot be written
 */
public record TermContext(
    DeadLetterWriter deadLetters,
    RejectionPolicy rejections,
    BooleanSupplier mayPublish,
    DeadLetterSnapshot snapshot,
    DestinationGate destinations,
    Consumer<Throwable> onFailure) {}
