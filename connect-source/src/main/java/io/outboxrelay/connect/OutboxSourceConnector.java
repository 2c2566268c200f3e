package io.outboxrelay.connect;

import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.settings.SettingProblem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ConnectorTransactionBoundaries;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/**
 * The connector: creates a task for each shard of the outbox, and validates settings and offsets.
 */
public final class OutboxSourceConnector extends SourceConnector {
  static final String VERSION =
      Objects.requireNonNullElse(
          OutboxSourceConnector.class.getPackage().getImplementationVersion(), "unpackaged");

  private static final String TASKS_MAX = "tasks.max";

  /**
   * The longest time for the work of a request, after the connection to the database was made.
   * Connect ends a request after 90 seconds.
   */
  private static final Duration PROBE = Duration.ofSeconds(30);

  private Map<String, String> properties = Map.of();

  @Override
  public String version() {
    return VERSION;
  }

  @Override
  public void start(Map<String, String> given) {
    properties = Map.copyOf(given);
    ConnectorConfig.from(given);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return OutboxSourceTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    var config = ConnectorConfig.from(properties);
    int shards;
    try (var vertx = new TaskVertx()) {
      shards = vertx.call(() -> new OutboxProbe(vertx.vertx(), config).shards(), limit(config));
    }
    if (shards > maxTasks) {
      throw new ConnectException(
          "the outbox has %d shards, and each needs a task: set tasks.max to %d or more"
              .formatted(shards, shards));
    }
    return IntStream.range(0, shards).mapToObj(shard -> task(shard, shards)).toList();
  }

  private Map<String, String> task(int shard, int shards) {
    var task = new HashMap<>(properties);
    task.put(OutboxSourceTask.SHARD, Integer.toString(shard));
    task.put(OutboxSourceTask.SHARDS, Integer.toString(shards));
    return task;
  }

  private static Duration limit(ConnectorConfig config) {
    return config.database().connectTimeout().plus(PROBE);
  }

  @Override
  public void stop() {}

  @Override
  public ConfigDef config() {
    return ConnectorConfigDef.create();
  }

  /** Validates the settings. If they have no mistakes, examines the outbox that they name. */
  @Override
  public Config validate(Map<String, String> given) {
    var values = new ArrayList<>(config().validate(given));
    if (values.stream().allMatch(value -> value.errorMessages().isEmpty())) {
      problems(given).forEach(problem -> report(problem, values));
    }
    return new Config(values);
  }

  private static List<SettingProblem> problems(Map<String, String> given) {
    var problems = ConnectorConfig.problems(given);
    if (!problems.isEmpty()) {
      return problems;
    }
    var config = ConnectorConfig.from(given);
    try (var vertx = new TaskVertx()) {
      return vertx.call(
          () -> new OutboxProbe(vertx.vertx(), config).problems(tasks(given)), limit(config));
    } catch (ConnectException e) {
      return List.of(
          new SettingProblem(ConnectorConfigDef.URI, "", String.valueOf(e.getMessage())));
    }
  }

  /**
   * Returns the value of {@code tasks.max}. A value that is not a number is not reported here,
   * because Connect itself reports it.
   */
  private static int tasks(Map<String, String> given) {
    try {
      return Integer.parseInt(given.getOrDefault(TASKS_MAX, "1").trim());
    } catch (NumberFormatException e) {
      return ShardKey.MOST;
    }
  }

  private static void report(SettingProblem problem, List<ConfigValue> values) {
    var value =
        values.stream()
            .filter(known -> known.name().equals(problem.key()))
            .findFirst()
            .orElseGet(
                () -> {
                  var unknown =
                      new ConfigValue(problem.key(), problem.seen(), List.of(), new ArrayList<>());
                  values.add(unknown);
                  return unknown;
                });
    value.addErrorMessage(problem.key() + " " + problem.message());
  }

  @Override
  public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> given) {
    return ExactlyOnceSupport.SUPPORTED;
  }

  @Override
  public ConnectorTransactionBoundaries canDefineTransactionBoundaries(Map<String, String> given) {
    return ConnectorTransactionBoundaries.SUPPORTED;
  }

  /**
   * Moves the checkpoints in the database to the altered offsets. This is necessary because a task
   * begins at the later one of its offset and its checkpoint. An offset that is reset does not
   * change the database; the next task begins at the checkpoint.
   */
  @Override
  public boolean alterOffsets(
      Map<String, String> given, Map<Map<String, ?>, Map<String, ?>> offsets) {
    var config = ConnectorConfig.from(given);
    try (var vertx = new TaskVertx()) {
      vertx.call(() -> new OffsetAlteration(vertx.vertx(), config).apply(offsets), limit(config));
    }
    return true;
  }
}
