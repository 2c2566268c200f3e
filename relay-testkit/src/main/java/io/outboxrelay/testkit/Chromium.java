package io.outboxrelay.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The browser of this machine that shows pages to tests.
 *
 * <p>{@code OUTBOX_TEST_CHROMIUM=/path/to/chromium} names one that is not on the path.
 */
public final class Chromium {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "chrome");

  private Chromium() {}

  /** Its program, where one is installed. */
  public static Optional<Path> program() {
    return Optional.ofNullable(System.getenv("OUTBOX_TEST_CHROMIUM"))
        .map(Path::of)
        .filter(Files::isExecutable)
        .or(() -> NAMES.stream().map(Executables::onPath).flatMap(Optional::stream).findFirst());
  }
}
