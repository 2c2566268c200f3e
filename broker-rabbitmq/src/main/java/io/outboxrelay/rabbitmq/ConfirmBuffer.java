package io.outboxrelay.rabbitmq;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was published on a channel and is not confirmed yet, by the numbers that the broker gives:
 * the first message on a channel is 1, the next 2. One thread adds, others may take.
 */
final class ConfirmBuffer {
  private @Nullable PendingPublish[] ring = new PendingPublish[1024];
  // The oldest number that is not confirmed, and the one that the next message gets.
  private long first = 1;
  private long next = 1;
  private int size;
  private boolean closed;

  /** Adds a delivery that is about to be published; false where nothing is taken any more. */
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

  /** Takes back the newest delivery: it was not published, and its number is free again. */
  synchronized void takeBack() {
    if (next > first) {
      take(--next);
    }
  }

  /** Removes what a confirm of {@code number} means, with all older ones where {@code multiple}. */
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
   * The oldest delivery of the event with this sequence number that was not returned yet. Messages
   * are returned in the order they were published, so it stands near the beginning.
   */
  synchronized Optional<PendingPublish> findReturned(long seq) {
    for (long n = first; n < next; n++) {
      var delivery = ring[index(n)];
      if (delivery != null && delivery.event().seq() == seq && !delivery.isRefused()) {
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

  /** Takes nothing any more, and gives away what is there; a second time that is nothing. */
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
