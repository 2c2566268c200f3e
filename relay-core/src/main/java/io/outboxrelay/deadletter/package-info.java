/**
 * The dead letters: events that the broker will never accept, and the events that wait behind them
 * or for their destination. Here are the table's writer, the claims for redelivery, and the
 * commands and queries of operators. Deciding that an event is rejected and publishing dead letters
 * again are not here: see {@code io.outboxrelay.dispatch} and {@code io.outboxrelay.redelivery}.
 * Begin with {@link io.outboxrelay.deadletter.DeadLetterState}, then read {@link
 * io.outboxrelay.deadletter.DeadLetterWriter}.
 */
@NullMarked
package io.outboxrelay.deadletter;

import org.jspecify.annotations.NullMarked;
