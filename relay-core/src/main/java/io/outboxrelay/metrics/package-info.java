/** What the relay counts and measures, for Prometheus. */
@NullMarked
package io.outboxrelay.metrics;

import org.jspecify.annotations.NullMarked;
