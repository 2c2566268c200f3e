package io.outboxrelay.deadletter;

import io.outboxrelay.publish.OutboxEvent;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter that is to be published again.
 *
 * @param defect a sentence about why the event cannot become a message; null if it can
 */
public record DeadLetter(OutboxEvent event, @Nullable String defect) {}
