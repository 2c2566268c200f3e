/**
 * Translates a configuration of Debezium's outbox event router into one of the relay, for the
 * command {@code import}.
 *
 * <p>Begin with {@link io.outboxrelay.debezium.DebeziumImport}.
 */
@NullMarked
package io.outboxrelay.debezium;

import org.jspecify.annotations.NullMarked;
