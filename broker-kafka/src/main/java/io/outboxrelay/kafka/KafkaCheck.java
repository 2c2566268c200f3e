package io.outboxrelay.kafka;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.ShellWord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/** Examines the cluster and the topics of the sample events for {@code check}. */
final class KafkaCheck {
  private final KafkaConfig config;
  private final List<Finding> findings = new ArrayList<>();

  private KafkaCheck(KafkaConfig config) {
    this.config = config;
  }

  /**
   * Examines the cluster and returns the findings. Blocks until the cluster answers; if it does not
   * answer, for a few seconds at most.
   */
  static List<Finding> run(KafkaConfig config, Collection<OutboxEvent> samples) {
    var check = new KafkaCheck(config);
    try {
      ClusterInspector.using(config, cluster -> check.examine(cluster, check.topics(samples)));
    } catch (PublishException e) {
      check.note(Finding.problem(String.valueOf(e.getMessage()), check.remedy(e)));
    }
    return check.findings;
  }

  private String remedy(PublishException failure) {
    return failure instanceof PublishException.Retryable
        ? "see whether the brokers run, and whether kafka.bootstrap.servers is right"
        : "correct the section kafka: security.protocol, sasl.*, ssl.*";
  }

  private Set<String> topics(Collection<OutboxEvent> samples) {
    var topics = new LinkedHashSet<String>();
    config.onlyTopic().ifPresent(topics::add);
    for (var event : samples) {
      try {
        topics.add(config.topicOf(event));
      } catch (PublishException.Rejected e) {
        note(
            Finding.problem(
                event + " has no topic: " + e.getMessage(),
                "write the header with every event, or change kafka.topic"));
      }
    }
    return topics;
  }

  private boolean examine(ClusterInspector cluster, Set<String> topics) {
    var description = cluster.describe();
    int count = description.brokers().size();
    note(
        Finding.ok(
            "Kafka answers at %s: cluster %s with %s"
                .formatted(config.address(), description.id(), CountFormat.of(count, "broker"))));
    if (topics.isEmpty()) {
      note(
          Finding.ok(
              "No topic is checked, because the topic depends on the event and there is no event"
                  + " yet"));
    }
    topics.forEach(topic -> examine(cluster, topic));
    return true;
  }

  private void examine(ClusterInspector cluster, String topic) {
    cluster
        .topic(topic)
        .ifPresentOrElse(
            found -> examine(found, cluster.settings(ConfigResource.Type.TOPIC, topic)),
            () -> missing(cluster, topic));
  }

  private void missing(ClusterInspector cluster, String topic) {
    var broker = String.valueOf(cluster.describe().brokers().get(0));
    var settings = cluster.settings(ConfigResource.Type.BROKER, broker);
    String create =
        "kafka-topics.sh --bootstrap-server %s --create --topic %s --partitions 12"
            .formatted(ShellWord.of(config.address()), ShellWord.of(topic));
    if (value(settings, "auto.create.topics.enable").equals("false")) {
      note(Finding.problem("The topic " + topic + " does not exist", create));
    } else {
      String partitions = value(settings, "num.partitions");
      note(
          Finding.warning(
              "The topic "
                  + topic
                  + " does not exist; the first event creates it with the"
                  + " broker's defaults (num.partitions="
                  + partitions
                  + ")",
              "better create it: " + create));
    }
  }

  private void examine(TopicDescription topic, Config settings) {
    int replicas =
        topic.partitions().stream().mapToInt(one -> one.replicas().size()).min().orElse(1);
    String inSync = value(settings, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);
    int minimum = inSync.isEmpty() ? 1 : Integer.parseInt(inSync);
    String text =
        "The topic %s has %s, %s (min.insync.replicas=%d), max.message.bytes=%s"
            .formatted(
                topic.name(),
                CountFormat.of(topic.partitions().size(), "partition"),
                CountFormat.of(replicas, "replica"),
                minimum,
                value(settings, TopicConfig.MAX_MESSAGE_BYTES_CONFIG));
    if (!ClusterInspector.allowsToWrite(topic)) {
      note(
          Finding.problem(
              text + "; the relay may not write to it", "grant WRITE on " + topic.name()));
    } else if (minimum > replicas) {
      // A warning and no problem, because the behaviour depends on the broker's version, which a
      // client cannot find out.
      note(
          Finding.warning(
              text
                  + "; it requires more replicas in sync than it has: Kafka 4 confirms an event once all"
                  + " of them have it, an older broker may accept nothing",
              "lower min.insync.replicas of " + topic.name() + ", or add replicas"));
    } else if (minimum == 1) {
      note(
          Finding.warning(
              text + "; if one broker is lost, events that it has confirmed may be lost",
              "in production, use 3 replicas and min.insync.replicas=2"));
    } else {
      note(Finding.ok(text));
    }
  }

  private static String value(Config settings, String name) {
    var entry = settings.get(name);
    return entry == null || entry.value() == null ? "" : entry.value();
  }

  private void note(Finding finding) {
    findings.add(finding);
  }
}
