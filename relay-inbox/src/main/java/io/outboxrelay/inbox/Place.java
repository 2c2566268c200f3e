package io.outboxrelay.inbox;

/**
 * Where an event stands among those of its aggregate.
 *
 * @param sequence grows within an aggregate, with gaps
 */
public record Place(String aggregateType, String aggregateId, long sequence) {}
