/**
 * Reads the outbox in windows between two snapshots, and stores the checkpoint of each shard.
 * Re-sharding and the rebase of a restored database are in this package as well, because both
 * rewrite checkpoints. The package {@code io.outboxrelay.pipeline} publishes the pages and decides
 * when a checkpoint is written. Begin with {@code WindowReader}, then read {@code PageQuery} and
 * {@code Fences}.
 */
@NullMarked
package io.outboxrelay.window;

import org.jspecify.annotations.NullMarked;
