/**
 * The comparison of contenders in a benchmark: rounds of measurements in turn, their medians and
 * their ratios, as a table, JSON and charts. It does not depend on the relay or the servers.
 *
 * <p>Begin at {@link InterleavedRounds}, which measures, and {@link BenchmarkReport}, which writes
 * the results.
 */
@NullMarked
package io.outboxrelay.bench.report;

import org.jspecify.annotations.NullMarked;
