package io.outboxrelay.partition;

import io.outboxrelay.deadletter.Buried;
import io.outboxrelay.deadletter.DeadLetters;
import io.outboxrelay.deadletter.Rejections;
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
public record Term(
    DeadLetters deadLetters,
    Rejections rejections,
    BooleanSupplier mayPublish,
    Buried buried,
    Destinations destinations,
    Consumer<Throwable> onFailure) {}
