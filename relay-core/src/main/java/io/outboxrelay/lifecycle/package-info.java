/**
 * How the parts of a relay begin, drain and end: the contract of a service, the check of moves
 * between states, and the poller that looks when it is notified or when an interval is over.
 *
 * <p>This package knows nothing of the outbox. The services themselves are in the packages of their
 * subjects, for example {@code pipeline.PagePump} and {@code account.RetentionCleanup}.
 *
 * <p>Begin with {@link io.outboxrelay.lifecycle.Service}, then read {@link
 * io.outboxrelay.lifecycle.ServiceGroup} and {@link io.outboxrelay.lifecycle.LegalMoves}.
 */
@NullMarked
package io.outboxrelay.lifecycle;

import org.jspecify.annotations.NullMarked;
