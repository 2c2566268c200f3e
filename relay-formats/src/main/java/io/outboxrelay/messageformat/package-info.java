/**
 * The formats of messages, the same for all brokers.
 *
 * <p>A broker module reads {@link io.outboxrelay.messageformat.MessageFormats} from its section of
 * the configuration and gets from it the format of each destination. It builds raw messages itself.
 * For CloudEvents, it passes a writer of its messages to {@link
 * io.outboxrelay.messageformat.CloudEventEncoder}. The messages of a broker's client library are
 * not here, but in the broker modules.
 *
 * <p>Begin with {@link io.outboxrelay.messageformat.MessageFormats}.
 */
@NullMarked
package io.outboxrelay.messageformat;

import org.jspecify.annotations.NullMarked;
