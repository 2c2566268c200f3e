/** Finds the event that a relay dies of again and again. */
@NullMarked
package io.outboxrelay.crashloop;

import org.jspecify.annotations.NullMarked;
