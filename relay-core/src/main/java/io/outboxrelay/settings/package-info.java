/** The configuration as typed values; part of the broker SPI. */
@NullMarked
package io.outboxrelay.settings;

import org.jspecify.annotations.NullMarked;
