package io.outboxrelay.testkit;

import io.outboxrelay.testkit.FaultProxy.Direction;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Forwards the bytes of one direction through a proxy, in order, with the delay and rate of its
 * faults. Used on one event loop only.
 */
final class ProxyPipe {
  private static final long HELD_AT_MOST = 1 << 20;
  private static final int WRITES_PER_SECOND = 50;

  private final Vertx vertx;
  private final NetSocket from;
  private final NetSocket to;
  private final Direction direction;
  private final ProxyFaults faults;
  private final Deque<Held> queue = new ArrayDeque<>();
  private long heldBytes;
  private long nextWrite = System.nanoTime();
  private boolean timed;
  private boolean ended;

  /** Bytes that have not been forwarded yet, and the time at which they arrived. */
  private record Held(Buffer bytes, long since) {}

  ProxyPipe(Vertx vertx, NetSocket from, NetSocket to, Direction direction, ProxyFaults faults) {
    this.vertx = vertx;
    this.from = from;
    this.to = to;
    this.direction = direction;
    this.faults = faults;
    from.handler(this::hold);
  }

  private void hold(Buffer bytes) {
    queue.add(new Held(bytes, System.nanoTime()));
    heldBytes += bytes.length();
    if (heldBytes >= HELD_AT_MOST) {
      from.pause();
    }
    forward();
  }

  /**
   * Must be called when the sending socket has ended. The receiving socket is closed after the
   * remaining bytes were forwarded.
   */
  void end() {
    ended = true;
    forward();
  }

  /** Forwards the bytes that are due now, and sets a timer for the remaining bytes. */
  void forward() {
    while (!faults.swallows(direction)) {
      var next = queue.peek();
      if (next == null) {
        if (ended) {
          to.close();
        }
        return;
      }
      if (to.writeQueueFull()) {
        to.drainHandler(drained -> forward());
        return;
      }
      long wait = Math.max(next.since() + faults.latencyNanos(), nextWrite) - System.nanoTime();
      if (wait > 0) {
        comeBackIn(wait);
        return;
      }
      write(queue.remove());
    }
  }

  private void comeBackIn(long nanos) {
    if (!timed) {
      timed = true;
      vertx.setTimer(
          TimeUnit.NANOSECONDS.toMillis(nanos) + 1,
          timer -> {
            timed = false;
            forward();
          });
    }
  }

  private void write(Held next) {
    int length = next.bytes().length();
    long rate = faults.bytesPerSecond();
    if (rate != ProxyFaults.UNLIMITED) {
      length = (int) Math.min(length, Math.max(1, rate / WRITES_PER_SECOND));
      nextWrite = System.nanoTime() + TimeUnit.SECONDS.toNanos(length) / rate;
    }
    if (length < next.bytes().length()) {
      queue.addFirst(new Held(next.bytes().slice(length, next.bytes().length()), next.since()));
    }
    to.write(next.bytes().slice(0, length));
    heldBytes -= length;
    if (heldBytes < HELD_AT_MOST / 2) {
      from.resume();
    }
  }

  /** Forwards at once the bytes that a fault held back. */
  void healed() {
    nextWrite = System.nanoTime();
    forward();
  }
}
