/**
 * Compares the events that were delivered with the events in the outbox.
 *
 * <p>With each checkpoint, an account is updated: the number of events delivered, and the sum of
 * their hashes, for each range of sequence numbers. The account and the table must agree at any
 * time. If they do not agree, there are four possible causes: events were never delivered, events
 * were delivered twice, another session deleted events, or the account itself was changed. The
 * clean-up deletes nothing from a range that differs.
 *
 * <p>The account is written with the checkpoint, by {@code CheckpointStore} in {@code window}.
 * Begin with {@link io.outboxrelay.account.AccountComparison}.
 */
@NullMarked
package io.outboxrelay.account;

import org.jspecify.annotations.NullMarked;
