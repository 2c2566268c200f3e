/**
 * The broker SPI: what a broker module implements, and all it may know of the relay (with {@link
 * io.outboxrelay.settings}).
 *
 * <p>A module registers one {@link io.outboxrelay.publish.PublisherProvider} with the {@link
 * java.util.ServiceLoader}; {@code broker: name} in the configuration selects it.
 */
@NullMarked
package io.outboxrelay.publish;

import org.jspecify.annotations.NullMarked;
