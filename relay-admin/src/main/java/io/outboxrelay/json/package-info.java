/** What is told of an outbox, as JSON: the same to a browser and to a script. */
@NullMarked
package io.outboxrelay.json;

import org.jspecify.annotations.NullMarked;
