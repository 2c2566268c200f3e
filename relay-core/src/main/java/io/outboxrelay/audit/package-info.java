/**
 * Records which operator did something to the outbox, and when. The commands and the API write an
 * entry together with each change, through {@link io.outboxrelay.audit.AuditLog}, where to begin.
 * The relay's own actions are not recorded here; they are in its log and metrics.
 */
@NullMarked
package io.outboxrelay.audit;

import org.jspecify.annotations.NullMarked;
