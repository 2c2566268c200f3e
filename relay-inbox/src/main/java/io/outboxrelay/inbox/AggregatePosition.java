package io.outboxrelay.inbox;

/**
 * Where an event stands among those of its aggregate.
 *
 * @param sequence grows within an aggregate, with gaps
 */
public record AggregatePosition(String aggregateType, String aggregateId, long sequence) {}
