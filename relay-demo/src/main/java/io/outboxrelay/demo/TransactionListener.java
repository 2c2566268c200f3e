package io.outboxrelay.demo;

import java.util.List;

/** Receives the outcome of each transaction of the writers; called on their threads. */
interface TransactionListener {
  /** Records a committed transaction with these events. */
  void committed(List<OrderEvent> events, long nanoTime);

  void rolledBack();
}
