/**
 * The broker SPI: the types that a broker module implements. Besides this package, a broker module
 * may use only {@link io.outboxrelay.settings}, {@link io.outboxrelay.format} and the module {@code
 * relay-formats}.
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
