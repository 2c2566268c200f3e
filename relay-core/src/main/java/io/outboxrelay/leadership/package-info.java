/**
 * Owning a shard: the lease, the term of leadership during which the shard is published, and the
 * warm standby that takes over.
 *
 * <p>Everything that a relay does with a shard happens in a {@code LeadershipTerm}, from the
 * preparation for the lease until the lease is released. This package decides when a term begins
 * and ends; {@code pipeline} is the work during a term, and {@code membership} decides which relay
 * should own which shard.
 *
 * <p>Begin with {@link io.outboxrelay.leadership.ShardVerticle}, then read {@code LeadershipTerm}
 * and {@code LeaseCampaign}.
 */
@NullMarked
package io.outboxrelay.leadership;

import org.jspecify.annotations.NullMarked;
