package io.outboxrelay.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Finds the browser of this machine for tests of web pages.
 *
 * <p>If the browser is not on the path, an environment variable must contain its path: {@code
 * OUTBOX_TEST_CHROMIUM=/path/to/chromium}.
 */
public final class Chromium {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "chrome");

  private Chromium() {}

  /** Returns the browser's program, or empty if none is installed. */
  public static Optional<Path> program() {
    return Optional.ofNullable(System.getenv("OUTBOX_TEST_CHROMIUM"))
        .map(Path::of)
        .filter(Files::isExecutable)
        .or(() -> NAMES.stream().map(Executables::onPath).flatMap(Optional::stream).findFirst());
  }
}
