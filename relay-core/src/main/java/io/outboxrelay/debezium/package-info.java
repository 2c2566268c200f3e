/**
 * Translates a configuration of Debezium's outbox event router into one of the relay, for the
 * command {@code import}. There is a class for each group of properties; a property that cannot be
 * translated becomes a remark. Reading and writing the files is not here but in the command, and
 * docs/migrating-from-debezium.md describes how to move the events.
 *
 * <p>Begin with {@link io.outboxrelay.debezium.DebeziumImport}.
 */
@NullMarked
package io.outboxrelay.debezium;

import org.jspecify.annotations.NullMarked;
