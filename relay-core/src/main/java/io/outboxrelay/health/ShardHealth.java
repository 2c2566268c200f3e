package io.outboxrelay.health;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state of one shard in this relay: the read-ahead, the doorbell, the source of events, and the
 * state that exists only while this relay leads the shard.
 *
 * <p>Written on the shard's event loop only, and read on any thread.
 */
public final class ShardHealth {
  private final AtomicLong lastTick = new AtomicLong();
  private volatile ReadAheadState readAhead = ReadAheadState.EMPTY;
  private volatile boolean isDeaf;
  private volatile ShardSource source = ShardSource.table();
  private volatile @Nullable LeaderState leader;

  private record ReadAheadState(long events, long bytes, boolean isFull) {
    static final ReadAheadState EMPTY = new ReadAheadState(0, 0, false);
  }

  /**
   * The state that exists only while this relay leads the shard.
   *
   * @param parked supplies the number of parked aggregates
   * @param openBreakers supplies the destinations with an open circuit breaker, each with the
   *     reason
   * @param failing supplies the destinations at which the last event failed but the circuit breaker
   *     is not open, each with the reason
   */
  public record LeaderState(
      IntSupplier parked,
      Supplier<Map<String, String>> openBreakers,
      Supplier<Map<String, String>> failing) {}

  /** Records that the event loop runs; call it every second until {@link #rests}. */
  public void tick() {
    lastTick.setOpaque(System.nanoTime());
  }

  /** Records that work for the shard has stopped, so no run of the event loop is expected. */
  public void rests() {
    lastTick.setOpaque(0);
  }

  /** Records that this relay publishes the shard from now on. */
  public void leads(LeaderState now) {
    leader = now;
    source = ShardSource.table();
  }

  /** Records that this relay does not publish the shard any more. */
  public void ends() {
    leader = null;
    source = ShardSource.table();
    readAhead = ReadAheadState.EMPTY;
  }

  /**
   * Records the events that are read and not confirmed.
   *
   * @param events the number of these events
   * @param bytes the memory that these events take, roughly
   * @param isFull true if reading must wait until some of these events are confirmed
   */
  public void readAhead(long events, long bytes, boolean isFull) {
    readAhead = new ReadAheadState(events, bytes, isFull);
  }

  /** Records the source from which events are read from now on. */
  public void reads(ShardSource now) {
    source = now;
  }

  /** Returns the source from which this relay reads the shard while it leads it. */
  public ShardSource source() {
    return source;
  }

  /**
   * Records if the doorbell fails.
   *
   * @param now true if notifications should arrive but do not
   */
  public void deaf(boolean now) {
    isDeaf = now;
  }

  /** Returns true if this relay publishes the shard. */
  public boolean isLeading() {
    return leader != null;
  }

  /** Returns how many events are read and not confirmed. */
  public long readAheadEvents() {
    return readAhead.events;
  }

  /**
   * Returns the memory, in bytes, that the events take that are read and not confirmed; an
   * estimate.
   */
  public long readAheadBytes() {
    return readAhead.bytes;
  }

  /** Returns true if reading waits because too many events are not confirmed. */
  public boolean isFull() {
    return readAhead.isFull;
  }

  /** Returns true if notifications should arrive and do not, so that the relay polls. */
  public boolean isDeaf() {
    return isDeaf;
  }

  /** Returns the number of parked aggregates; 0 if this relay does not lead the shard. */
  public int parked() {
    var known = leader;
    return known == null ? 0 : known.parked.getAsInt();
  }

  /** Returns the destinations with an open circuit breaker, each with the reason. */
  public Map<String, String> openBreakers() {
    var known = leader;
    return known == null ? Map.of() : known.openBreakers.get();
  }

  /**
   * Returns the destinations at which the last event failed but the circuit breaker is not open,
   * each with the reason.
   */
  public Map<String, String> failing() {
    var known = leader;
    return known == null ? Map.of() : known.failing.get();
  }

  /** Returns the {@link System#nanoTime} of the last tick; 0 if none is expected. */
  long lastTick() {
    return lastTick.getOpaque();
  }
}
