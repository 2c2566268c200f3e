package io.outboxrelay.deadletter;

/**
 * A dead letter was tried and will still not be accepted.
 *
 * @param reason a sentence: what the broker answered, or what is wrong with the event
 * @param destination where it would have gone; empty where that is not known
 */
public record Rejection(long seq, String reason, String destination) {}
