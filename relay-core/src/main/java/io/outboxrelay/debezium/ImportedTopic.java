package io.outboxrelay.debezium;

import java.util.Optional;

/**
 * The topic that Debezium's router chooses, in the form of the relay's settings.
 *
 * @param template the template of the topic's name
 * @param rewrite the rewriting of the template's result by a regular expression; empty if there is
 *     none
 */
record ImportedTopic(String template, Optional<Rewrite> rewrite) {
  record Rewrite(String regex, String replacement) {}

  /**
   * Sets {@code key}; if there is a rewrite, sets {@code key-regex} and {@code key-replacement} as
   * well.
   */
  void write(ImportedConfig config, String key) {
    config.set(key, template);
    rewrite.ifPresent(
        given -> {
          config.set(key + "-regex", given.regex());
          config.set(key + "-replacement", given.replacement());
        });
  }
}
