/**
 * The settings of the sections {@code outbox} and {@code relay}, as checked records, one per
 * concern.
 *
 * <p>If a part of the relay is also used without the others, its configuration record is in the
 * package of that part, for example {@code outbox.OutboxConfig}. This package holds the other
 * records and joins all of them. Reading and reporting settings in general is in {@code settings},
 * and the whole configuration file belongs to {@code relay-app}.
 *
 * <p>Begin with {@link io.outboxrelay.config.RelayConfig}.
 */
@NullMarked
package io.outboxrelay.config;

import org.jspecify.annotations.NullMarked;
