/** What became of events. */
@NullMarked
package io.outboxrelay.eventstatus;

import org.jspecify.annotations.NullMarked;
