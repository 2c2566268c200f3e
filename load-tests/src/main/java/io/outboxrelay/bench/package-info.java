/** Benchmarks of the relay, each beside a baseline in the same run, so that figures are ratios. */
@NullMarked
package io.outboxrelay.bench;

import org.jspecify.annotations.NullMarked;
