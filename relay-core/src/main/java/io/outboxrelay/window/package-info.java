/**
 * Reads the outbox in windows between two snapshots, and stores the checkpoint of each shard.
 * Re-sharding and the rebase of a restored database are here as well, because both rewrite
 * checkpoints. Publishing the pages and deciding when a checkpoint is written are not: see {@code
 * relay.PagePump}. Begin with {@link io.outboxrelay.window.WindowReader}, then read {@link
 * io.outboxrelay.window.PageQuery} and {@link io.outboxrelay.window.Fences}.
 */
@NullMarked
package io.outboxrelay.window;

import org.jspecify.annotations.NullMarked;
