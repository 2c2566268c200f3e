/**
 * The benchmarks of the relay. Each measures the relay beside a baseline in one run, so that its
 * figures are ratios and do not depend on the machine. The comparison itself and its report are in
 * {@code io.outboxrelay.bench.report}; faults are tested in {@code io.outboxrelay.chaos}.
 *
 * <p>Begin at {@link BenchMain}, which lists the commands, and {@link DrainCommand} for a typical
 * one.
 */
@NullMarked
package io.outboxrelay.bench;

import org.jspecify.annotations.NullMarked;
