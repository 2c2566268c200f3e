package io.outboxrelay.publish;

/**
 * The type of a column of the outbox's table.
 *
 * @param sql the name of the type as PostgreSQL writes it, such as {@code numeric(10,2)}; for a
 *     domain, the name of its base type
 */
public record ColumnType(String sql, boolean isNullable) {}
