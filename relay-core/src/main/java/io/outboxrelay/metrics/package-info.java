/**
 * The metrics of the relay, for Prometheus and for the status. Each class counts for one subject:
 * the relay, a shard, a partition, a destination or the replays. No decision of the relay depends
 * on a metric, and the HTTP endpoint is not here. Begin with {@link
 * io.outboxrelay.metrics.RelayMetrics}; docs/metrics.md lists all metrics.
 */
@NullMarked
package io.outboxrelay.metrics;

import org.jspecify.annotations.NullMarked;
