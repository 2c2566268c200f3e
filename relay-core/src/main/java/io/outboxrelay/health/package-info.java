/** How well the relay is, for whoever runs the process. */
@NullMarked
package io.outboxrelay.health;

import org.jspecify.annotations.NullMarked;
