package io.outboxrelay.kafka;

import io.outboxrelay.publish.PublishException;
import io.outboxrelay.settings.SecretFileException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Reads the state of the Kafka cluster. It is used when a publisher connects, to examine failures,
 * and for {@code check}; it writes nothing. All methods block, for some seconds at most. If the
 * cluster does not answer, every method except {@link #existing} throws a {@link PublishException}.
 */
final class ClusterInspector {
  private static final int TIMEOUT_MILLIS = 5_000;

  private final Admin admin;
  private final KafkaConfig config;

  private ClusterInspector(Admin admin, KafkaConfig config) {
    this.admin = admin;
    this.config = config;
  }

  /** The cluster id and the ids of its brokers. */
  record Description(String id, List<Integer> brokers) {}

  static <T> T using(KafkaConfig config, Function<ClusterInspector, T> questions) {
    Admin admin;
    try {
      admin = Admin.create(config.producer().forAdmin(TIMEOUT_MILLIS));
    } catch (KafkaException | SecretFileException e) {
      throw new ExceptionMapper(config).ofTheProperties(e);
    }
    try {
      return questions.apply(new ClusterInspector(admin, config));
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  Description describe() {
    var cluster = admin.describeCluster();
    var brokers = answer(cluster.nodes()).stream().map(node -> node.id()).sorted().toList();
    return new Description(answer(cluster.clusterId()), brokers);
  }

  /** Returns the topic's description; empty if the topic does not exist or its name is invalid. */
  Optional<TopicDescription> topic(String name) {
    try {
      var options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
      var topics = admin.describeTopics(List.of(name), options).topicNameValues();
      return Optional.of(answerOf(topics.values()));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException
          || e.getCause() instanceof InvalidTopicException) {
        return Optional.empty();
      }
      throw failure(cause(e));
    }
  }

  /**
   * Returns the topics among {@code names} that exist and that the relay is permitted to see. If
   * the cluster does not answer in time about a topic, the topic is left out.
   */
  Set<String> existing(Collection<String> names) {
    var found = new HashSet<String>();
    admin
        .describeTopics(names)
        .topicNameValues()
        .forEach(
            (name, description) -> {
              try {
                await(description);
                found.add(name);
              } catch (ExecutionException e) {
                // The topic does not exist or may not be seen, or the cluster has not answered.
              }
            });
    return found;
  }

  /**
   * Returns true if the relay may write to the topic, or if the cluster does not report its
   * permissions.
   */
  static boolean allowsToWrite(TopicDescription topic) {
    var allowed = topic.authorizedOperations();
    return allowed == null || allowed.contains(AclOperation.WRITE);
  }

  /**
   * Returns true if each partition of the topic has a leader and enough replicas in sync. Also
   * returns true if the topic does not exist, because the next event for the topic will show that.
   */
  boolean serves(String name) {
    var found = topic(name);
    if (found.isEmpty()) {
      return true;
    }
    int minimum = minimumInSync(name);
    return found.get().partitions().stream()
        .allMatch(
            partition ->
                partition.leader() != null
                    && !partition.leader().isEmpty()
                    && partition.isr().size() >= Math.min(minimum, partition.replicas().size()));
  }

  /**
   * Returns the number of replicas that must be in sync. If the setting cannot be read, returns 1:
   * the topic is then tried again, and the next event shows if the topic accepts events.
   */
  private int minimumInSync(String name) {
    try {
      var entry =
          settings(ConfigResource.Type.TOPIC, name).get(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);
      return entry == null || entry.value() == null ? 1 : Integer.parseInt(entry.value());
    } catch (PublishException notTold) {
      return 1;
    }
  }

  Config settings(ConfigResource.Type type, String name) {
    var resource = new ConfigResource(type, name);
    Map<ConfigResource, Config> settings = answer(admin.describeConfigs(List.of(resource)).all());
    return settings.getOrDefault(resource, new Config(List.of()));
  }

  private <T> T answerOf(Collection<KafkaFuture<T>> futures) throws ExecutionException {
    return await(futures.iterator().next());
  }

  private <T> T answer(KafkaFuture<T> future) {
    try {
      return await(future);
    } catch (ExecutionException e) {
      throw failure(cause(e));
    }
  }

  private <T> T await(KafkaFuture<T> future) throws ExecutionException {
    try {
      return future.get(2L * TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure(e);
    }
  }

  private static Throwable cause(ExecutionException e) {
    return e.getCause() == null ? e : e.getCause();
  }

  private PublishException failure(Throwable cause) {
    return new ExceptionMapper(config)
        .ofTheCluster(cause, "no Kafka broker answers at " + config.address());
  }
}
