/** What became of events. */
@NullMarked
package io.outboxrelay.fate;

import org.jspecify.annotations.NullMarked;
