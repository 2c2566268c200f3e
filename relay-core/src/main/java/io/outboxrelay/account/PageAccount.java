package io.outboxrelay.account;

import io.outboxrelay.publish.OutboxEvent;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

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

  /** Returns the account of no events. */
  public static PageAccount empty() {
    return new PageAccount();
  }

  /**
   * Returns the account of events. The account takes the least memory if the events are in the
   * order of their sequence numbers.
   */
  public static PageAccount of(List<OutboxEvent> page) {
    var account = new PageAccount();
    account.add(page);
    return account;
  }

  /** Returns the account of three columns that {@link #appendTo} has filled. */
  public static PageAccount of(Long[] ranges, Long[] events, Long[] digests) {
    var account = new PageAccount();
    for (int i = 0; i < ranges.length; i++) {
      account.begin(ranges[i]);
      account.events[i] = events[i];
      account.digests[i] = digests[i];
    }
    return account;
  }

  /** Returns this account with further events added. */
  public PageAccount plus(List<OutboxEvent> more) {
    var account = copy();
    account.add(more);
    return account;
  }

  /** Returns the sum of both accounts. */
  public PageAccount plus(PageAccount other) {
    if (other.size == 0) {
      return this;
    }
    var account = copy();
    for (int i = 0; i < other.size; i++) {
      account.add(other.ranges[i], other.events[i], other.digests[i]);
    }
    return account;
  }

  /** Takes one event out of the account. */
  public void remove(long seq, long hash) {
    add(AccountRange.of(seq), -1, -hash);
  }

  /** Returns the hash with which an event is counted. */
  public static long hash(long seq, UUID id) {
    return EventHash.of(seq, id);
  }

  /** Returns the account that cancels this one: the sum of both counts no event. */
  public PageAccount negated() {
    var account = copy();
    for (int i = 0; i < size; i++) {
      account.events[i] = -events[i];
      account.digests[i] = -digests[i];
    }
    return account;
  }

  private PageAccount copy() {
    var account = new PageAccount();
    account.ranges = ranges.clone();
    account.events = events.clone();
    account.digests = digests.clone();
    account.size = size;
    return account;
  }

  private void add(List<OutboxEvent> more) {
    for (var event : more) {
      add(AccountRange.of(event.seq()), 1, EventHash.of(event.seq(), event.id()));
    }
  }

  private void add(long range, long number, long hash) {
    if (size == 0 || range != ranges[size - 1]) {
      begin(range);
    }
    events[size - 1] += number;
    digests[size - 1] += hash;
  }

  private void begin(long range) {
    if (size == ranges.length) {
      ranges = Arrays.copyOf(ranges, 2 * size);
      events = Arrays.copyOf(events, 2 * size);
      digests = Arrays.copyOf(digests, 2 * size);
    }
    ranges[size++] = range;
  }

  /** Returns the number of entries; a range can have several entries. */
  public int size() {
    return size;
  }

  /**
   * Appends this account to three lists, one per column. The lists may then contain a range several
   * times; the values of equal ranges must be summed.
   */
  public void appendTo(List<Long> intoRanges, List<Long> intoEvents, List<Long> intoDigests) {
    for (int i = 0; i < size; i++) {
      intoRanges.add(ranges[i]);
      intoEvents.add(events[i]);
      intoDigests.add(digests[i]);
    }
  }
}
