/** The seam between whatever reads the outbox and whatever publishes it. */
@NullMarked
package io.outboxrelay.page;

import org.jspecify.annotations.NullMarked;
