/** Sends what the outbox still holds once more, when somebody has asked for it. */
@NullMarked
package io.outboxrelay.replay;

import org.jspecify.annotations.NullMarked;
