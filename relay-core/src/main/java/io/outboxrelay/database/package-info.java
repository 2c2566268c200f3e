/**
 * Connects to the PostgreSQL server as configured: settings, TLS, several hosts, and the
 * classification of failures. The tables of the outbox are not here: see {@code
 * io.outboxrelay.outbox}. Begin with {@link io.outboxrelay.database.Database} and {@link
 * io.outboxrelay.database.DatabaseConfig}.
 */
@NullMarked
package io.outboxrelay.database;

import org.jspecify.annotations.NullMarked;
