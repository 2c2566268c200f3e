/**
 * Traces events from the beginning of their transaction to the confirm with OpenTelemetry. This
 * package wraps a broker and its publishers, decides which events are traced, and sends the spans
 * to a collector; it neither publishes nor changes the order of events. Metrics and logs are not
 * exported here.
 *
 * <p>Begin at {@link TracingSetup}; {@link TracedPublisher} shows when a span begins and ends.
 */
@NullMarked
package io.outboxrelay.tracing;

import org.jspecify.annotations.NullMarked;
