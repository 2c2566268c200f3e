package io.outboxrelay.account;

import io.outboxrelay.publish.OutboxEvent;
import java.util.Arrays;
import java.util.List;

/**
 * The number of events of a page and the sum of their hashes, for each range of sequence numbers
 * that the page touches.
 */
public final class PageAccount {
  private long[] ranges = new long[2];
  private long[] events = new long[2];
  private long[] digests = new long[2];
  private int size;

  private PageAccount() {}

  /** Returns the account of events in the order of their sequence numbers. */
  public static PageAccount of(List<OutboxEvent> page) {
    var account = new PageAccount();
    long current = 0;
    for (var event : page) {
      long range = AccountRange.of(event.seq());
      if (account.size == 0 || range != current) {
        account.begin(range);
        current = range;
      }
      account.events[account.size - 1]++;
      account.digests[account.size - 1] += EventHash.of(event.seq(), event.id());
    }
    return account;
  }

  private void begin(long range) {
    if (size == ranges.length) {
      ranges = Arrays.copyOf(ranges, 2 * size);
      events = Arrays.copyOf(events, 2 * size);
      digests = Arrays.copyOf(digests, 2 * size);
    }
    ranges[size++] = range;
  }

  /** Returns the number of ranges. */
  public int size() {
    return size;
  }

  /** Appends the three columns of this account; a range may occur in several accounts. */
  public void appendTo(List<Long> intoRanges, List<Long> intoEvents, List<Long> intoDigests) {
    for (int i = 0; i < size; i++) {
      intoRanges.add(ranges[i]);
      intoEvents.add(events[i]);
      intoDigests.add(digests[i]);
    }
  }
}
