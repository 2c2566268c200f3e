/**
 * What a benchmark hands out: rounds of measurements turn about, their medians and ratios, as a
 * table, JSON and charts.
 */
@NullMarked
package io.outboxrelay.bench.report;

import org.jspecify.annotations.NullMarked;
