/**
 * The settings of the sections {@code outbox} and {@code relay}, as checked records, one per
 * concern.
 *
 * <p>A part of the relay that others use alone has its configuration record beside it, such as
 * {@code outbox.OutboxConfig}; this package holds the others and joins all of them. Reading and
 * reporting settings in general is in {@code settings}, and the whole configuration file belongs to
 * {@code relay-app}.
 *
 * <p>Begin with {@link io.outboxrelay.config.RelayConfig}.
 */
@NullMarked
package io.outboxrelay.config;

import org.jspecify.annotations.NullMarked;
