/**
 * The command line: reads the configuration, runs the relay, and reports failures.
 *
 * <p>Each command is a class named {@code …Command}; besides them this package holds the
 * configuration file, the log and the formats of text output. The work of a command is in {@code
 * relay-core}, so that the API of {@code relay-admin} can do the same work. Begin with {@link
 * RelayCommand}, which lists the commands, and {@link RunCommand}.
 */
@NullMarked
package io.outboxrelay.app;

import org.jspecify.annotations.NullMarked;
