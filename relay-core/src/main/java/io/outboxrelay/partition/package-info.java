/** Publishes slices of pages, keeping each aggregate's order. */
@NullMarked
package io.outboxrelay.partition;

import org.jspecify.annotations.NullMarked;
