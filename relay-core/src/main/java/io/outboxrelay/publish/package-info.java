/**
 * The broker SPI: the types that a broker module implements, and the only part of the relay it may
 * use, together with {@link io.outboxrelay.settings}.
 *
 * <p>A module registers one {@link io.outboxrelay.publish.PublisherProvider} with the {@link
 * java.util.ServiceLoader}; {@code broker: name} in the configuration selects it. The relay's side
 * of publishing, with order, retries and circuit breakers, is not here but in {@code dispatch}.
 *
 * <p>Begin with {@link io.outboxrelay.publish.Publisher}, and then read
 * docs/writing-a-broker-module.md.
 */
@NullMarked
package io.outboxrelay.publish;

import org.jspecify.annotations.NullMarked;
