/** The outbox and the tables beside it: their names, their DDL, and how a row becomes an event. */
@NullMarked
package io.outboxrelay.outbox;

import org.jspecify.annotations.NullMarked;
