/**
 * Publishing one shard during one term of leadership: the pump that moves pages from the table to
 * the partitions and the checkpoint after them, and the services that work beside it.
 *
 * <p>Acquiring and releasing the shard is in {@code leadership}. Reading the table is in {@code
 * window}, the order per aggregate and retries are in {@code dispatch}; redelivery, replays and the
 * crash-loop detector have packages of their own and are only started and stopped here.
 *
 * <p>Begin with {@link io.outboxrelay.pipeline.ShardPipeline} and {@code PagePump}.
 */
@NullMarked
package io.outboxrelay.pipeline;

import org.jspecify.annotations.NullMarked;
