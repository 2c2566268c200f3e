/** The PostgreSQL server as configured, and connections to it. */
@NullMarked
package io.outboxrelay.database;

import org.jspecify.annotations.NullMarked;
