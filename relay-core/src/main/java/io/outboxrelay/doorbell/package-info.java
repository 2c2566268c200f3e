/** Sleeping and being woken by a writer. */
@NullMarked
package io.outboxrelay.doorbell;

import org.jspecify.annotations.NullMarked;
