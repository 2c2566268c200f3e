/** Who did what to the outbox, and when. */
@NullMarked
package io.outboxrelay.audit;

import org.jspecify.annotations.NullMarked;
