/**
 * The chaos suite: it runs several relays against real servers, writes events, causes faults
 * computed from a seed, and checks that every committed event arrives in order. Measurements of
 * speed are not here but in {@code io.outboxrelay.bench}.
 *
 * <p>Begin at {@link io.outboxrelay.chaos.ChaosRun}, which is a whole run from the start of the
 * servers to the report.
 */
@NullMarked
package io.outboxrelay.chaos;

import org.jspecify.annotations.NullMarked;
