/**
 * The inbox, a library for consumers that must handle each event once. The effect of an event and a
 * row with its id are written in one transaction of the consumer's own PostgreSQL database; if the
 * event arrives again, the row is found and nothing is changed.
 *
 * <p>Nothing of the relay is used here except the names of the headers of its messages.
 *
 * <p>Begin at {@link VertxInbox} if the consumer uses the Vert.x client for PostgreSQL, and at
 * {@link JdbcInbox} otherwise; {@link InboxTable} holds the SQL of both.
 */
@NullMarked
package io.outboxrelay.inbox;

import org.jspecify.annotations.NullMarked;
