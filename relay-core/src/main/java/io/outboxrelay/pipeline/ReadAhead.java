package io.outboxrelay.pipeline;

import io.outboxrelay.page.EventPage;

/**
 * The pages of a shard that were read and are not confirmed yet. No page is read while they reach
 * one of their bounds; this is the only back-pressure.
 *
 * <p>Lives on one event loop, for one term.
 */
final class ReadAhead {
  private final int mostEvents;
  private final long mostBytes;
  private int pages;
  private long events;
  private long bytes;
  private long lastRead;

  /**
   * @param mostEvents the events at which no further page is read; one page may exceed it
   * @param mostBytes the bytes of events at which no further page is read; one page may exceed it
   */
  ReadAhead(int mostEvents, long mostBytes) {
    this.mostEvents = mostEvents;
    this.mostBytes = mostBytes;
  }

  void add(EventPage<?> page) {
    pages++;
    events += page.events().size();
    bytes += page.bytes();
    if (!page.isEmpty()) {
      lastRead = page.events().get(page.events().size() - 1).seq();
    }
  }

  /** Removes a page with all of its events confirmed. */
  void confirm(EventPage<?> page) {
    pages--;
    events -= page.events().size();
    bytes -= page.bytes();
  }

  /**
   * Returns true if nothing more is read before a page is confirmed.
   *
   * @param isOneAtATime true if a page is read only once the one before is confirmed
   */
  boolean isFull(boolean isOneAtATime) {
    return isOneAtATime ? pages > 0 : events >= mostEvents || bytes >= mostBytes;
  }

  /** Returns the number of events that were read and are not confirmed. */
  long events() {
    return events;
  }

  /** Returns the bytes of these events. */
  long bytes() {
    return bytes;
  }

  /** Returns the sequence number of the last event read; 0 before the first. */
  long lastRead() {
    return lastRead;
  }
}
