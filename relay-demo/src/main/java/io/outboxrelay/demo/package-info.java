/**
 * Shows the relay at work and proves its promises: orders are written to a real PostgreSQL, the fat
 * jar relays their events to a real broker, and what a consumer gets is compared with what was
 * committed.
 */
@NullMarked
package io.outboxrelay.demo;

import org.jspecify.annotations.NullMarked;
