/**
 * Decides what a failure of the database or the broker means for the relay: the relay tries again,
 * or it ends with a {@link io.outboxrelay.failure.RelayException}.
 *
 * <p>This package turns failures into sentences for operators and keeps them from being logged once
 * for each shard. Events are retried in {@code dispatch}, and the exceptions of a broker module are
 * in {@code publish}.
 *
 * <p>Begin with {@link io.outboxrelay.failure.FailureClassifier}.
 */
@NullMarked
package io.outboxrelay.failure;

import org.jspecify.annotations.NullMarked;
