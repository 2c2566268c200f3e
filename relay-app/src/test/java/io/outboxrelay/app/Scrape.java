package io.outboxrelay.app;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.metrics.BacklogGauges;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.relay.Relay;
import io.outboxrelay.settings.Environment;
import io.outboxrelay.settings.Settings;
import io.vertx.core.VertxOptions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A scrape: each metric with its type, and each time series' name with its labels.
 *
 * @param types by the metric's name
 * @param labels by the name of its time series, such as one that ends in {@code _bucket}
 */
record Scrape(SortedMap<String, String> types, SortedMap<String, Set<String>> labels) {
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)})? \\S+");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"(?:[^\"\\\\]|\\\\.)*\"");

  static Scrape parse(String text) {
    var types = new TreeMap<String, String>();
    var labels = new TreeMap<String, Set<String>>();
    for (String line : text.lines().toList()) {
      var type = TYPE.matcher(line);
      var sample = SAMPLE.matcher(line);
      if (type.matches()) {
        types.put(type.group(1), type.group(2));
      } else if (sample.matches()) {
        var names = labels.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
        if (sample.group(2) != null) {
          LABEL.matcher(sample.group(2)).results().forEach(label -> names.add(label.group(1)));
        }
      }
    }
    return new Scrape(types, labels);
  }

  /**
   * Returns the scrape of a leading relay, set up as {@code run} does, in which every meter exists.
   */
  static Scrape ofALeader() {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    var vertx = InstrumentedVertx.vertx(new VertxOptions(), registry).build();
    try {
      vertx.executeBlocking(() -> "something", false).await();
      var config = AppConfig.from(settings(), BrokerProviders.found());
      var metrics = RelayMetrics.in(registry);
      Relay.create(vertx, config.database(), config.relay(), config.broker(), metrics);
      var shard = metrics.shard(0);
      metrics
          .health()
          .shard(0)
          .leads(
              new ShardHealth.LeaderState(() -> 1, () -> Map.of("orders", "no leader"), Map::of));
      shard.leads(1);
      shard.counted(new BacklogGauges(1, false, 1, 1, 1));
      metrics.replays().counted(1);
      metrics.openTransactions(List.of(new RelayMetrics.Open(1, "psql", 12)));
      metrics.tableSizes(Map.of("outbox", 8192L));
      metrics.differences(Map.of("more", 0L));
      metrics.traffic(0, 0, event -> "orders", false).leaves(event(), null);
      return parse(metrics.scrape());
    } finally {
      vertx.close().await();
    }
  }

  private static Settings settings() {
    Map<String, Object> given =
        Map.of(
            "database",
            Map.of("uri", "postgresql://relay@127.0.0.1:1/app", "password", "pw"),
            "broker",
            "kafka",
            "kafka",
            Map.of("bootstrap.servers", "127.0.0.1:1", "topic", "orders"));
    return Settings.of("test", given, new Environment(Map.of(), Map.of()));
  }

  private static OutboxEvent event() {
    return OutboxEvent.builder(1, UUID.randomUUID())
        .aggregate("order", "42")
        .type("order-paid")
        .payload(null, "application/json")
        .build();
  }
}
