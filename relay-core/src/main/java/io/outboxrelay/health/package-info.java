/**
 * The health of the relay: the state of its shards and partitions, and what follows from it for
 * orchestrators and operators.
 *
 * <p>The parts of the relay record their state in {@link io.outboxrelay.health.ShardHealth} and
 * {@link io.outboxrelay.health.PartitionHealth}. Readiness, liveness, the status and the handover
 * to another relay are decided from this state. Package {@code metrics} shows the state too, but
 * nothing is decided from a metric. The status in one sentence is in package {@code status}, and
 * {@code relay-admin} serves all of it by HTTP.
 *
 * <p>Begin with {@link io.outboxrelay.health.ReadinessEvaluator}.
 */
@NullMarked
package io.outboxrelay.health;

import org.jspecify.annotations.NullMarked;
