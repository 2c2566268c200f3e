package io.outboxrelay.window;

/**
 * The window being read.
 *
 * @param fence the id that the server would give out next, read after its snapshot
 * @param last the sequence number given out last when it was opened, or later: no event of the
 *     window is above
 * @param position how far it is read
 */
record OpenWindow(Snapshot snapshot, long fence, long last, long position) {
  OpenWindow at(long newPosition) {
    return new OpenWindow(snapshot, fence, last, newPosition);
  }
}
