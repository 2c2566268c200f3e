/** Publishes slices of pages, keeping each aggregate's order. */
@NullMarked
package io.outboxrelay.dispatch;

import org.jspecify.annotations.NullMarked;
