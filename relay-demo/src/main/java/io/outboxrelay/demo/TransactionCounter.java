package io.outboxrelay.demo;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Counts transactions and events in constant memory, because a kept demo may run for days. */
final class TransactionCounter implements TransactionListener {
  private final AtomicLong transactions = new AtomicLong();
  private final AtomicLong events = new AtomicLong();

  @Override
  public void committed(List<OrderEvent> written, long nanoTime) {
    transactions.incrementAndGet();
    events.addAndGet(written.size());
  }

  @Override
  public void rolledBack() {
    // The events of a transaction that was rolled back are not counted.
  }

  long transactions() {
    return transactions.get();
  }

  long events() {
    return events.get();
  }
}
