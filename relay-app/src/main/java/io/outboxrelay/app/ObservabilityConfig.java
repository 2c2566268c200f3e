package io.outboxrelay.app;

import io.outboxrelay.admin.AdminConfig;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.tracing.TracingConfig;

/**
 * The settings of the admin server, of tracing and of the log. If one of these fails, the relay
 * continues to publish.
 */
record ObservabilityConfig(AdminConfig admin, TracingConfig tracing, LoggingSetup logging) {

  static ObservabilityConfig from(Settings root) {
    return new ObservabilityConfig(
        AdminConfig.from(root), TracingConfig.from(root), LoggingSetup.from(root));
  }
}
