/** Examines database and broker for {@code check}, and says what to mend. */
@NullMarked
package io.outboxrelay.check;

import org.jspecify.annotations.NullMarked;
