package io.outboxrelay.rabbitmq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one channel that are not confirmed yet, by their delivery tags. RabbitMQ numbers
 * the messages of a channel from 1. One thread adds; other threads may remove.
 */
final class ConfirmBuffer {
  private @Nullable PendingPublish[] ring = new PendingPublish[1024];
  // First: the number of the oldest unconfirmed message. Next: the number of the next message to
  // publish.
  private long first = 1;
  private long next = 1;
  private int size;
  private boolean closed;

  /** Adds a delivery that is about to be published; returns false if the buffer is closed. */
  synchronized boolean add(PendingPublish delivery) {
    if (closed) {
      return false;
    }
    if (next - first == ring.length) {
      grow();
    }
    ring[index(next++)] = delivery;
    size++;
    return true;
  }

  /** Removes the newest delivery, which was not published, and frees its number. */
  synchronized void takeBack() {
    if (next > first) {
      take(--next);
    }
  }

  /**
   * Removes and returns the delivery with this number. If {@code multiple} is true, removes and
   * returns all older deliveries as well.
   */
  synchronized List<PendingPublish> confirm(long number, boolean multiple) {
    var confirmed = new ArrayList<PendingPublish>();
    for (long n = multiple ? first : Math.max(number, first); n <= number && n < next; n++) {
      var delivery = take(n);
      if (delivery != null) {
        confirmed.add(delivery);
      }
    }
    while (first < next && ring[index(first)] == null) {
      first++;
    }
    return confirmed;
  }

  /**
   * Returns the oldest delivery with this message id and address that the broker has not returned
   * yet. The search is short, because the broker returns messages in the order in which they were
   * published.
   */
  synchronized Optional<PendingPublish> findReturned(
      @Nullable String messageId, String exchange, String routingKey) {
    for (long n = first; n < next; n++) {
      var delivery = ring[index(n)];
      if (delivery != null
          && !delivery.isRefused()
          && delivery.routingKey().equals(routingKey)
          && delivery.exchange().equals(exchange)
          && delivery.event().id().toString().equals(messageId)) {
        return Optional.of(delivery);
      }
    }
    return Optional.empty();
  }

  synchronized Optional<PendingPublish> oldest() {
    return first < next ? Optional.ofNullable(ring[index(first)]) : Optional.empty();
  }

  synchronized int size() {
    return size;
  }

  boolean isEmpty() {
    return size() == 0;
  }

  /** Closes the buffer and returns the deliveries in it. A second call returns none. */
  synchronized List<PendingPublish> close() {
    closed = true;
    return confirm(next - 1, true);
  }

  private @Nullable PendingPublish take(long number) {
    int index = index(number);
    var delivery = ring[index];
    ring[index] = null;
    if (delivery != null) {
      size--;
    }
    return delivery;
  }

  private void grow() {
    var larger = Arrays.copyOf(ring, 2 * ring.length);
    Arrays.fill(larger, null);
    for (long n = first; n < next; n++) {
      larger[(int) (n & (larger.length - 1))] = ring[index(n)];
    }
    ring = larger;
  }

  private int index(long number) {
    return (int) (number & (ring.length - 1));
  }
}
