/** What operators have paused: everything, or what goes to some destinations. */
@NullMarked
package io.outboxrelay.pause;

import org.jspecify.annotations.NullMarked;
