/** The console of a real relay, looked at and used in a real browser. */
@NullMarked
package io.outboxrelay.console;

import org.jspecify.annotations.NullMarked;
