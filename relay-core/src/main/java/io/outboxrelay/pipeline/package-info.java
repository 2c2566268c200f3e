/**
 * Publishing one shard during one term of leadership: the pump, which moves pages from the table to
 * the partitions and then advances the checkpoint, and the services that work beside the pump.
 *
 * <p>Acquiring and releasing the shard is in {@code leadership}. Reading the table is in {@code
 * window}, the order per aggregate and retries are in {@code dispatch}; redelivery, replays and the
 * detection of events that crash the process have their own packages; this package starts and stops
 * them.
 *
 * <p>Begin with {@link io.outboxrelay.pipeline.ShardPipeline} and {@code PagePump}.
 */
@NullMarked
package io.outboxrelay.pipeline;

import org.jspecify.annotations.NullMarked;
