package io.outboxrelay.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How a user would run the relay: {@code java -jar outbox-relay.jar -conf file}. */
final class DemoRelayCommand {
  private static final Path JAR = Path.of("relay-app", "target", "outbox-relay.jar");

  /** Ctrl-C reaches all of the terminal's processes, but the demo ends the relay in its turn. */
  private static final List<String> WITHOUT_CTRL_C =
      List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "relay");

  private final RelayConfigFile config;
  private final Path log;

  /**
   * @param log gets what it logs; what was in it is lost
   */
  DemoRelayCommand(RelayConfigFile config, Path log) {
    this.config = config;
    this.log = log;
  }

  Path log() {
    return log;
  }

  /** What the user would type. */
  String text(List<String> subcommand) {
    return "java " + String.join(" ", arguments(subcommand));
  }

  ProcessBuilder of(List<String> subcommand) {
    var command = new ArrayList<>(WITHOUT_CTRL_C);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments(subcommand));
    var builder = new ProcessBuilder(command);
    // They would override the file, and lead to a database that is not the demo's.
    builder.environment().keySet().removeIf(name -> name.startsWith("OUTBOX_RELAY_"));
    builder.environment().putAll(config.environment());
    return builder;
  }

  private List<String> arguments(List<String> subcommand) {
    var arguments = new ArrayList<>(List.of("-jar", JAR.toString()));
    arguments.addAll(subcommand);
    arguments.addAll(List.of("-conf", config.path().toString()));
    return arguments;
  }

  /** Runs {@code init} to its end and returns its answer. */
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
