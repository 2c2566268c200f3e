/** The HTTP server of a running relay: health, metrics, the API and the console. */
@NullMarked
package io.outboxrelay.admin;

import org.jspecify.annotations.NullMarked;
