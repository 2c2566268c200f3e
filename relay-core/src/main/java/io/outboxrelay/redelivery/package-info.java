/** Brings dead letters back, in order, when somebody has asked for it. */
@NullMarked
package io.outboxrelay.redelivery;

import org.jspecify.annotations.NullMarked;
