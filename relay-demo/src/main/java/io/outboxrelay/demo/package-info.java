/**
 * The demo: shows the relay at work and verifies its guarantees. Orders are written to a real
 * PostgreSQL, the packaged jar relays their events to a real broker, and the messages that a
 * consumer receives are compared with the events that were committed.
 *
 * <p>The relay is not part of this package; it runs in a process of its own, and the servers come
 * from relay-testkit.
 *
 * <p>Begin at {@link DemoSession}, which starts everything, and {@link DemoRun}, which writes,
 * consumes and compares.
 */
@NullMarked
package io.outboxrelay.demo;

import org.jspecify.annotations.NullMarked;
