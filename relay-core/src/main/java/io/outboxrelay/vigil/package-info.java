/** Finds the event that a relay dies of again and again. */
@NullMarked
package io.outboxrelay.vigil;

import org.jspecify.annotations.NullMarked;
