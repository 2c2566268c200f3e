package io.outboxrelay.metrics;

import io.outboxrelay.publish.DeliveryReceipts;
import io.outboxrelay.publish.OutboxEvent;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Stores where the broker has put the latest events of this relay, for the console.
 *
 * <p>The memory is bounded: {@link #enable} allocates arrays for {@link #KEPT} entries, and when
 * they are full, each new entry replaces the oldest one. Strings are not copied. Until {@link
 * #enable} is called, recording an event costs one volatile read.
 */
public final class DeliveryLog implements DeliveryReceipts {
  /**
   * The number of stored deliveries. They take about 400 kB of arrays; at 1,000 events per second,
   * they are the deliveries of the last ten seconds.
   */
  public static final int KEPT = 10_000;

  private volatile @Nullable Ring ring;

  /**
   * The place of one event on the broker.
   *
   * @param destination a Kafka topic or a RabbitMQ exchange
   * @param partition {@link DeliveryReceipts#NO_PARTITION} if the broker has none
   * @param offset {@link DeliveryReceipts#NO_OFFSET} if the broker does not report it
   * @param at the time of the confirm, by this machine's clock
   */
  public record Receipt(
      String destination, @Nullable String routingKey, int partition, long offset, Instant at) {}

  /** Starts to remember deliveries. */
  public synchronized void enable() {
    if (ring == null) {
      ring = new Ring(KEPT);
    }
  }

  @Override
  public void delivered(
      OutboxEvent event,
      String destination,
      @Nullable String routingKey,
      int partition,
      long offset) {
    var current = ring;
    if (current != null) {
      current.add(event.seq(), destination, routingKey, partition, offset);
    }
  }

  /**
   * Returns the stored deliveries of the given events, by sequence number. If an event was
   * delivered several times, returns its latest delivery.
   */
  public Map<Long, Receipt> find(Collection<Long> seqs) {
    var current = ring;
    return current == null ? Map.of() : current.find(new HashSet<>(seqs));
  }

  private static final class Ring {
    private final long[] seqs;
    private final long[] times;
    private final long[] offsets;
    private final int[] partitions;
    private final @Nullable String[] destinations;
    private final @Nullable String[] routingKeys;
    private int next;
    private int size;

    Ring(int capacity) {
      seqs = new long[capacity];
      times = new long[capacity];
      offsets = new long[capacity];
      partitions = new int[capacity];
      destinations = new String[capacity];
      routingKeys = new String[capacity];
    }

    synchronized void add(
        long seq, String destination, @Nullable String routingKey, int partition, long offset) {
      int at = next;
      seqs[at] = seq;
      times[at] = System.currentTimeMillis();
      offsets[at] = offset;
      partitions[at] = partition;
      destinations[at] = destination;
      routingKeys[at] = routingKey;
      next = at + 1 == seqs.length ? 0 : at + 1;
      size = Math.min(size + 1, seqs.length);
    }

    synchronized Map<Long, Receipt> find(Collection<Long> wanted) {
      var found = new HashMap<Long, Receipt>();
      for (int i = 0; i < size; i++) {
        int at = Math.floorMod(next - 1 - i, seqs.length);
        String destination = destinations[at];
        if (destination != null && wanted.contains(seqs[at])) {
          found.putIfAbsent(seqs[at], receipt(at, destination));
        }
      }
      return found;
    }

    private Receipt receipt(int at, String destination) {
      return new Receipt(
          destination,
          routingKeys[at],
          partitions[at],
          offsets[at],
          Instant.ofEpochMilli(times[at]));
    }
  }
}
