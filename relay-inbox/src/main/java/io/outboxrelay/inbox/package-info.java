/**
 * For consumers: handle an event once. Its effect and the note of its id are written in one
 * transaction of the consumer's own PostgreSQL, so a repeat finds the note and has no effect.
 *
 * <p>{@link VertxInbox} works with the Vert.x client for PostgreSQL, {@link JdbcInbox} with any
 * other framework. Knows nothing of the relay but the names of its headers.
 */
@NullMarked
package io.outboxrelay.inbox;

import org.jspecify.annotations.NullMarked;
