/**
 * Tests of the console in a real browser, with a real relay and a PostgreSQL. The API itself is
 * tested in relay-admin. Begin with {@link Window} and {@link ConsoleEnvironment}.
 */
@NullMarked
package io.outboxrelay.console;

import org.jspecify.annotations.NullMarked;
