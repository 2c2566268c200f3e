/**
 * Writes the state of an outbox as JSON, in one form for the API, the console and the commands.
 *
 * <p>Each class writes one subject, such as dead letters or replays, from objects that other
 * packages have read. HTTP and the choice of what to read belong to {@link io.outboxrelay.admin}
 * and to the commands. Begin with {@link StatusJson}.
 */
@NullMarked
package io.outboxrelay.json;

import org.jspecify.annotations.NullMarked;
