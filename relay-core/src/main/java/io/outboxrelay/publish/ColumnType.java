package io.outboxrelay.publish;

/**
 * The type of a column of the outbox's table.
 *
 * @param sql as PostgreSQL writes it, such as {@code numeric(10,2)}; of a domain, the type on which
 *     it is based
 */
public record ColumnType(String sql, boolean isNullable) {}
