/**
 * Records which operator did something to the outbox, and when. The commands and the API write an
 * entry in the transaction of each change. The relay's own actions are not recorded here; they are
 * in its log and metrics. Begin with {@link io.outboxrelay.audit.AuditLog}.
 */
@NullMarked
package io.outboxrelay.audit;

import org.jspecify.annotations.NullMarked;
