package io.outboxrelay.app;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** Reads the version from the jar's manifest. */
final class VersionInfo implements IVersionProvider {
  static String text() {
    return Objects.requireNonNullElse(
        RelayMain.class.getPackage().getImplementationVersion(), "unpackaged");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"outbox-relay " + text()};
  }
}
