/** The command line: reads the configuration, runs the relay, and says what goes wrong. */
@NullMarked
package io.outboxrelay.app;

import org.jspecify.annotations.NullMarked;
