package io.outboxrelay.inbox;

/**
 * The position of an event among the events of its aggregate.
 *
 * @param sequence a number that increases from event to event of one aggregate, with gaps
 */
public record AggregatePosition(String aggregateType, String aggregateId, long sequence) {}
