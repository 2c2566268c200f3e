package io.outboxrelay.ledger;

import io.outboxrelay.publish.Template;
import io.outboxrelay.settings.Settings;
import java.nio.file.Path;

/** The section {@code ledger}. */
record LedgerConfig(Path directory, Template file, long maxBytes) {
  static LedgerConfig from(Settings in) {
    var config =
        new LedgerConfig(
            Path.of(in.requiredText("directory")),
            in.template("file", Template::parse, "${aggregate_type}"),
            in.size("max-bytes", 1 << 20));
    in.require(config.maxBytes >= 1, "max-bytes", "must be at least 1B");
    return config;
  }
}
