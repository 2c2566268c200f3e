package io.outboxrelay.deadletter;

import io.outboxrelay.publish.OutboxEvent;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter that is to be published after all.
 *
 * @param defect why it cannot become a message, as a sentence; null where it can
 */
public record DeadLetter(OutboxEvent event, @Nullable String defect) {}
