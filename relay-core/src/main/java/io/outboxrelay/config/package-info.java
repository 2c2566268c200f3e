/**
 * The settings of the sections {@code outbox} and {@code relay}, as one checked record.
 *
 * <p>Each part of the relay has its own configuration record beside it, such as {@code
 * outbox.OutboxConfig}; this package joins them. Reading and reporting settings in general is in
 * {@code settings}, and the whole configuration file belongs to {@code relay-app}.
 *
 * <p>Begin with {@link io.outboxrelay.config.RelayConfig}.
 */
@NullMarked
package io.outboxrelay.config;

import org.jspecify.annotations.NullMarked;
