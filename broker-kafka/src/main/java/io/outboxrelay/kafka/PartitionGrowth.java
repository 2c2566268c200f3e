package io.outboxrelay.kafka;

import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects that the number of a topic's partitions has grown, and logs it once. Across such a
 * change, the order of an aggregate's events is not kept: its key may belong to another partition
 * afterwards, and consumers read partitions independently.
 *
 * <p>One instance serves all producers of a broker. Safe for all threads.
 */
final class PartitionGrowth {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionGrowth.class);

  /**
   * The maximum number of remembered topics. If there are more, the topic that was looked up
   * longest ago is forgotten.
   */
  private static final int MOST = 10_000;

  private final Map<String, Integer> partitions = new LinkedHashMap<>();

  /** The number of partitions of one topic, as one producer knows it. */
  static final class Known {
    private final PartitionGrowth growth;
    private final String topic;
    private volatile int number;

    private Known(PartitionGrowth growth, String topic, int number) {
      this.growth = growth;
      this.topic = topic;
      this.number = number;
    }

    /**
     * Records the partition in which an event was stored. If its number is not known yet, the topic
     * has grown.
     */
    void stored(int partition) {
      if (partition >= number) {
        number = partition + 1;
        growth.found(topic, partition + 1);
      }
    }
  }

  /**
   * Records the result of a look-up: the topic has {@code number} partitions. Returns the number as
   * the calling producer knows it.
   */
  Known lookedUp(String topic, int number) {
    found(topic, number);
    return new Known(this, topic, number);
  }

  /**
   * Records that a topic has at least {@code number} partitions.
   *
   * @return true if a lower number was recorded before
   */
  synchronized boolean found(String topic, int number) {
    var before = partitions.remove(topic);
    boolean grew = before != null && number > before;
    partitions.put(topic, before == null ? number : Math.max(before, number));
    if (partitions.size() > MOST) {
      partitions.remove(partitions.keySet().iterator().next());
    }
    if (grew) {
      LOG.atWarn()
          .addKeyValue("destination", topic)
          .log(
              "the topic {} had {} partitions and has {} or more now: from now on an aggregate's"
                  + " events may go to another partition than before, so a consumer may read them"
                  + " before earlier ones that are still unread; see Adding partitions to a topic"
                  + " in docs/operations.md",
              topic,
              before,
              number);
    }
    return grew;
  }
}
