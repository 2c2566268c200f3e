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
 * The settings of a connector. They have the names and the meaning of the relay's settings, and are
 * read by the same code.
 *
 * @param connector the connector's name, under which it owns shards
 */
record ConnectorConfig(
    String connector, DatabaseConfig database, RelayConfig relay, RecordConfig records) {
  /**
   * Values for the settings of a relay's read-ahead. They are so high that they have no effect,
   * because Connect itself limits how many events are read before the broker has confirmed them.
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

  /** Returns the name that the checkpoint table contains for a shard that this connector owns. */
  String owner() {
    return owner(connector);
  }

  static String owner(String connector) {
    return "connector " + connector;
  }

  /**
   * Returns the identity under which relays and commands show a task.
   *
   * @param number the number that identifies the task in its advisory locks, like a relay's number
   */
  RelayIdentity identity(int number) {
    return new RelayIdentity(owner(), number, "connector: " + records.route());
  }
}
