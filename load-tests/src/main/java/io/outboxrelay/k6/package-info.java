/**
 * The report of a run of {@code load-tests/run}: one HTML page made from the files that k6 has
 * written. The load scenarios themselves are k6 scripts outside this package.
 *
 * <p>Begin at {@link RunReport}; {@link Samples} reads the measurements, and {@link LineChart}
 * draws them.
 */
@NullMarked
package io.outboxrelay.k6;

import org.jspecify.annotations.NullMarked;
