package io.outboxrelay.debezium;

import java.util.Optional;

/**
 * The topic that the router chooses, in the relay's words.
 *
 * @param rewrite a regular expression that rewrites the text of the template
 */
record ImportedTopic(String template, Optional<Rewrite> rewrite) {
  record Rewrite(String regex, String replacement) {}

  /** Writes the topic as the setting {@code key} and those beside it. */
  void write(ImportedConfig config, String key) {
    config.set(key, template);
    rewrite.ifPresent(
        given -> {
          config.set(key + "-regex", given.regex());
          config.set(key + "-replacement", given.replacement());
        });
  }
}
