package io.outboxrelay.admin;

/** {@link EventCounts} per second. */
record EventRates(double attempted, double confirmed, double rejected) {}
