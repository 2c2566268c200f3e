package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.deadletter.DeadLetterWriter;
import io.outboxrelay.deadletter.RejectionPolicy;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What the partitions need to know of one term of ownership.
 *
 * @param mayPublish whether the shard is still ours for certain; asked on any thread, before each
 *     event leaves
 * @param onFailure is told, on any thread, what ends the term: a fatal outcome, or a dead letter
 *     that cannot be written
 */
public record TermContext(
    DeadLetterWriter deadLetters,
    RejectionPolicy rejections,
    BooleanSupplier mayPublish,
    DeadLetterSnapshot buried,
    DestinationBreakers destinations,
    Consumer<Throwable> onFailure) {}
