/** The relay: one shard read, published and checkpointed. */
@NullMarked
package io.outboxrelay.relay;

import org.jspecify.annotations.NullMarked;
