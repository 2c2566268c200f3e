package io.outboxrelay.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A number that one thread changes and any thread reads, at about the cost of a plain field.
 *
 * <p>Readers may see a slightly older value, but never a torn one.
 */
final class SingleWriterCounter {
  private static final VarHandle VALUE = handle();

  @SuppressWarnings("UnusedVariable") // accessed through the VarHandle
  private long value;

  private static VarHandle handle() {
    try {
      return MethodHandles.lookup().findVarHandle(SingleWriterCounter.class, "value", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  void increment() {
    add(1);
  }

  void add(long more) {
    set(value + more);
  }

  void set(long now) {
    VALUE.setOpaque(this, now);
  }

  long value() {
    return (long) VALUE.getOpaque(this);
  }
}
