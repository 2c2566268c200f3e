package io.outboxrelay.pipeline;

import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.metrics.ShardMetrics;

/**
 * Records what a {@link PagePump} does, in the health and in the metrics of its shard.
 *
 * <p>Used on the shard's event loop only.
 */
record PumpRecorder(ShardHealth health, ShardMetrics metrics) {
  /**
   * Records the present number and size of the events that are read and not confirmed.
   *
   * @param isFull true if reading must wait until some of them are confirmed
   */
  void readAhead(long events, long bytes, boolean isFull) {
    health.readAhead(events, bytes, isFull);
    metrics.full(isFull);
  }

  /** Records that a page was read. */
  void pageRead(int events) {
    metrics.pageRead(events);
  }

  void checkpointWritten() {
    metrics.checkpointWritten();
  }
}
