package io.outboxrelay.chaos;

/**
 * The events of a run: which were written, and which arrived how often.
 *
 * @param expected the committed events and the dead letters
 * @param repeats the bound on the events that may arrive again
 */
record DeliveryResult(
    ChaosWriters writers, ExpectedState expected, ArrivalLog arrivals, RepeatBound repeats) {}
