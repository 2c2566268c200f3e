/** Events the broker will never accept. */
@NullMarked
package io.outboxrelay.deadletter;

import org.jspecify.annotations.NullMarked;
