/**
 * The suite that breaks things: relays, writers, a checker, and faults drawn from a seed.
 *
 * <p>{@link io.outboxrelay.chaos.ChaosRun} is the whole of it, from the first server to the
 * verdict.
 */
@NullMarked
package io.outboxrelay.chaos;

import org.jspecify.annotations.NullMarked;
