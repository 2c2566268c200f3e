/** Spans of events on their way from commit to confirm, with OpenTelemetry. */
@NullMarked
package io.outboxrelay.tracing;

import org.jspecify.annotations.NullMarked;
