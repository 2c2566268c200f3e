/** Reads the outbox in windows between two snapshots, and keeps the checkpoint of it. */
@NullMarked
package io.outboxrelay.window;

import org.jspecify.annotations.NullMarked;
