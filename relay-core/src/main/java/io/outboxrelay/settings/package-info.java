/**
 * Reads the configuration into typed values and reports all mistakes at once. It is part of the
 * broker SPI: a broker module reads its section with it. The settings themselves are not here; each
 * is in the {@code …Config} record that uses it. Begin with {@link
 * io.outboxrelay.settings.Settings}.
 */
@NullMarked
package io.outboxrelay.settings;

import org.jspecify.annotations.NullMarked;
