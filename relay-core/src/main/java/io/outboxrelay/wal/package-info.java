/**
 * Reads the inserts into the outbox from PostgreSQL's write-ahead log.
 *
 * <p>A replication slot yields the inserts through the server's own output plugin {@code pgoutput}.
 * This package decodes the plugin's messages. It does not use checkpoints: the package {@code
 * source} decides which transactions are delivered, and changes between the log and the table.
 *
 * <p>Begin with {@link io.outboxrelay.wal.LogStream}.
 */
@NullMarked
package io.outboxrelay.wal;

import org.jspecify.annotations.NullMarked;
