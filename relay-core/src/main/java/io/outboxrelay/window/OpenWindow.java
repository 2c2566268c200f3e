package io.outboxrelay.window;

/** The window being read: its snapshot, the fence taken after it, and how far it is read. */
record OpenWindow(Snapshot snapshot, long fence, long position) {
  OpenWindow at(long newPosition) {
    return new OpenWindow(snapshot, fence, newPosition);
  }
}
