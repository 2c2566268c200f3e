package io.outboxrelay.pipeline;

import io.outboxrelay.page.EventPage;

/**
 * Counts the events and bytes of a shard that were read and are not confirmed yet. If one of the
 * two numbers reaches its limit, no further page is read until a page is confirmed; this is the
 * only back-pressure.
 *
 * <p>Runs on one event loop, for one term.
 */
final class ReadAhead {
  private final int mostEvents;
  private final long mostBytes;
  private int pages;
  private long events;
  private long bytes;
  private long lastRead;

  /**
   * @param mostEvents the number of events at which no further page is read; the last page may
   *     exceed it
   * @param mostBytes the number of bytes at which no further page is read; the last page may exceed
   *     it
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

  /** Subtracts a page of which every event is confirmed. */
  void confirm(EventPage<?> page) {
    pages--;
    events -= page.events().size();
    bytes -= page.bytes();
  }

  /**
   * Returns true if no further page is read until a page is confirmed.
   *
   * @param isOneAtATime true if a page is read only once the page before it is confirmed
   */
  boolean isFull(boolean isOneAtATime) {
    return isOneAtATime ? pages > 0 : events >= mostEvents || bytes >= mostBytes;
  }

  /** Returns the number of events that were read and are not confirmed. */
  long events() {
    return events;
  }

  /** Returns the number of bytes of the events that were read and are not confirmed. */
  long bytes() {
    return bytes;
  }

  /** Returns the sequence number of the last event read; 0 before the first. */
  long lastRead() {
    return lastRead;
  }
}
