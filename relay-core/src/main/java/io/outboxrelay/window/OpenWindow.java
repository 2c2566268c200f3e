package io.outboxrelay.window;

/**
 * The window that is being read.
 *
 * @param fence the server's next transaction id, read after the window's snapshot
 * @param last the last number that the sequence had given out when the window was opened, or a
 *     later one; no event of the window is above it
 * @param position the sequence number up to which the window is read
 */
record OpenWindow(Snapshot snapshot, long fence, long last, long position) {
  OpenWindow at(long newPosition) {
    return new OpenWindow(snapshot, fence, last, newPosition);
  }
}
