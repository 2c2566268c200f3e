package io.outboxrelay.testkit;

import static java.util.concurrent.CompletableFuture.delayedExecutor;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Finds programs on this machine, and runs commands that end by themselves. */
final class Executables {
  static final Path NO_INPUT = Path.of("/dev/null");

  /**
   * The time after which a command that does not end is killed. It is far longer than any of the
   * commands takes.
   */
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private Executables() {}

  static Optional<Path> onPath(String program) {
    var path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    for (var folder : path.split(File.pathSeparator)) {
      var candidate = Path.of(folder, program);
      if (Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  static boolean root() {
    return "root".equals(System.getProperty("user.name"));
  }

  /**
   * Runs a program until it ends, and returns its output.
   *
   * @throws IllegalStateException if its exit code is not 0, for example because it was killed
   *     after 5 minutes
   */
  static String run(List<String> command) {
    return run(new ProcessBuilder(command));
  }

  static String run(ProcessBuilder builder) {
    try {
      var process = builder.redirectErrorStream(true).redirectInput(NO_INPUT.toFile()).start();
      delayedExecutor(LONGEST.toSeconds(), SECONDS).execute(process::destroyForcibly);
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new IllegalStateException(
            "%s ended with exit code %d; it wrote:%n%s"
                .formatted(String.join(" ", builder.command()), code, output));
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException("Could not run " + String.join(" ", builder.command()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while running " + builder.command(), e);
    }
  }
}
