/**
 * The formats of messages, the same for all brokers.
 *
 * <p>A broker module reads {@link io.outboxrelay.messageformat.MessageFormats} from its section of
 * the configuration and asks it for the format of each destination. It builds raw messages itself,
 * and passes a writer of its messages to {@link io.outboxrelay.messageformat.CloudEventEncoder} for
 * the others.
 */
@NullMarked
package io.outboxrelay.messageformat;

import org.jspecify.annotations.NullMarked;
