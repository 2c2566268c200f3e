package io.outboxrelay.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the relay with the command that a user would type: {@code java -jar outbox-relay.jar -conf
 * file}.
 */
final class DemoRelayCommand {
  private static final Path JAR = Path.of("relay-app", "target", "outbox-relay.jar");

  /**
   * Ignores Ctrl-C in the relay: the terminal sends it to all processes, but the demo stops the
   * relay itself, after the writers.
   */
  private static final List<String> WITHOUT_CTRL_C =
      List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "relay");

  private final RelayConfigFile config;
  private final Path log;

  /**
   * @param log the file for the relay's output; its earlier content is lost
   */
  DemoRelayCommand(RelayConfigFile config, Path log) {
    this.config = config;
    this.log = log;
  }

  Path log() {
    return log;
  }

  /** Returns the command as a user would type it. */
  String text(List<String> subcommand) {
    return text(subcommand, config.path());
  }

  /** Returns the command line for a relay that runs already. */
  static String text(List<String> subcommand, Path config) {
    return "java " + String.join(" ", arguments(subcommand, config));
  }

  ProcessBuilder of(List<String> subcommand) {
    var command = new ArrayList<>(WITHOUT_CTRL_C);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments(subcommand, config.path()));
    var builder = new ProcessBuilder(command);
    // Such variables would override the file, and could select another database.
    builder.environment().keySet().removeIf(name -> name.startsWith("OUTBOX_RELAY_"));
    builder.environment().putAll(config.environment());
    return builder;
  }

  private static List<String> arguments(List<String> subcommand, Path config) {
    var arguments = new ArrayList<>(List.of("-jar", JAR.toString()));
    arguments.addAll(subcommand);
    arguments.addAll(List.of("-conf", config.toString()));
    return arguments;
  }

  /**
   * Runs {@code init} until it ends, and returns its output.
   *
   * @throws IllegalStateException if it fails
   */
  String init() throws IOException, InterruptedException {
    var process = of(List.of("init")).redirectError(log.toFile()).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    int code = process.waitFor();
    if (code != 0) {
      throw new IllegalStateException(
          "init ended with exit code %d; what it wrote is in %s".formatted(code, log));
    }
    return said;
  }
}
