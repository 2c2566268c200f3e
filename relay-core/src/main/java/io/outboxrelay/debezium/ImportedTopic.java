package io.outboxrelay.debezium;

import java.util.Optional;

/**
 * The topic that Debezium's router chooses, as the relay's settings write it.
 *
 * @param template the template of the topic's name
 * @param rewrite the regular expression that rewrites the result of the template
 */
record ImportedTopic(String template, Optional<Rewrite> rewrite) {
  record Rewrite(String regex, String replacement) {}

  /**
   * Sets {@code key}, and also {@code key-regex} and {@code key-replacement} if there is a rewrite.
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
