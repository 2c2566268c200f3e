/**
 * Reads the outbox in windows between two snapshots, and stores the checkpoint of each shard.
 * Re-sharding and the rebase of a restored database are here as well, because both rewrite
 * checkpoints. Publishing the pages and deciding when a checkpoint is written are not: see {@code
 * io.outboxrelay.pipeline}. Begin with {@code WindowReader}, then read {@code PageQuery} and {@code
 * Fences}.
 */
@NullMarked
package io.outboxrelay.window;

import org.jspecify.annotations.NullMarked;
