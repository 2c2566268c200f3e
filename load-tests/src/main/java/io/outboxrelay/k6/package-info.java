/** The report of a run of {@code load-tests/run}: one page, made of what k6 has written. */
@NullMarked
package io.outboxrelay.k6;

import org.jspecify.annotations.NullMarked;
