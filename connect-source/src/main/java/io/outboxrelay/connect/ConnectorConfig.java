package io.outboxrelay.connect;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.membership.RelayIdentity;
import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.settings.SettingProblem;
import io.outboxrelay.settings.Settings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The settings of a connector. They have the names of the relay's settings and are read by the same
 * code, so they mean the same.
 *
 * @param connector the connector's name, under which it owns shards
 */
record ConnectorConfig(
    String connector, DatabaseConfig database, RelayConfig relay, RecordConfig records) {
  /**
   * A page is bounded by its own settings. Connect bounds what is read ahead of the broker, so the
   * relay's bounds of the read-ahead are set aside.
   */
  private static final Map<String, String> READ_AHEAD =
      Map.of("relay.read-ahead", "100000", "relay.read-ahead-bytes", "1024GiB");

  /**
   * Reads the settings of a connector or a task.
   *
   * @throws InvalidSettingsException with all mistakes
   */
  static ConnectorConfig from(Map<String, String> properties) {
    var given = new HashMap<String, String>();
    properties.forEach(
        (name, value) -> {
          if (value != null && ConnectorConfigDef.isOurs(name)) {
            given.put(name, value);
          }
        });
    var all = new HashMap<>(given);
    all.putAll(READ_AHEAD);
    var settings = Settings.of("the connector's configuration", all);
    var config =
        new ConnectorConfig(
            properties.getOrDefault("name", ""),
            DatabaseConfig.from(settings),
            RelayConfig.from(settings),
            RecordConfig.from(settings));
    ConnectorConfigDef.refuseOthers(given.keySet(), settings);
    settings.verify();
    return config;
  }

  /** Returns all mistakes in the settings; empty if there are none. */
  static List<SettingProblem> problems(Map<String, String> properties) {
    try {
      from(properties);
      return List.of();
    } catch (InvalidSettingsException e) {
      return e.problems();
    }
  }

  /** Returns the name as which the connector stands in the checkpoint table as owner of a shard. */
  String owner() {
    return owner(connector);
  }

  static String owner(String connector) {
    return "connector " + connector;
  }

  /** Returns the identity under which relays see a task. */
  RelayIdentity identity(int number) {
    return new RelayIdentity(owner(), number, "connector: " + records.route());
  }
}
