package io.outboxrelay.app;

import io.outboxrelay.admin.AdminConfig;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.tracing.TracingConfig;

/** How a relay is observed from outside. Publishing goes on if any of it fails. */
record ObservabilityConfig(AdminConfig admin, TracingConfig tracing, LoggingSetup logging) {

  static ObservabilityConfig from(Settings root) {
    return new ObservabilityConfig(
        AdminConfig.from(root), TracingConfig.from(root), LoggingSetup.from(root));
  }
}
