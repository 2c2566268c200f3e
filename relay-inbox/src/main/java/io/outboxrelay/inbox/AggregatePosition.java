package io.outboxrelay.inbox;

/**
 * The position of an event among the events of its aggregate.
 *
 * @param sequence increases from event to event of one aggregate; it may have gaps
 */
public record AggregatePosition(String aggregateType, String aggregateId, long sequence) {}
