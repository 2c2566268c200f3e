/**
 * Reads the inserts into the outbox from PostgreSQL's write-ahead log.
 *
 * <p>A replication slot yields them through the server's own output plugin {@code pgoutput}. This
 * package decodes its messages and knows nothing about checkpoints: {@code source} decides which
 * transactions are delivered, and changes between the log and the table.
 *
 * <p>Begin with {@link io.outboxrelay.wal.LogStream}.
 */
@NullMarked
package io.outboxrelay.wal;

import org.jspecify.annotations.NullMarked;
