package io.outboxrelay.window;

/**
 * The window that is being read.
 *
 * @param fence the server's next transaction id, read after the window's snapshot
 * @param last the sequence's last number when the window was opened, or a higher number; no event
 *     of the window has a number above it
 * @param position the sequence number up to which the window is read
 */
record OpenWindow(Snapshot snapshot, long fence, long last, long position) {
  OpenWindow at(long newPosition) {
    return new OpenWindow(snapshot, fence, last, newPosition);
  }
}
