package io.outboxrelay.testkit.relay;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import io.outboxrelay.testkit.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The packaged relay with one configuration, to be started with the commands that a user types:
 * {@code java -jar outbox-relay.jar init -conf relay.yaml}.
 *
 * @param jar the packaged jar
 * @param config the configuration file
 * @param environment the values of the environment variables to which the configuration refers
 */
public record PackagedRelay(Path jar, Path config, Map<String, String> environment) {
  /** A part of the line with which the relay reports that it is ready. */
  public static final String READY = " ready";

  /** The path of the jar in the folder of a built project. */
  public static final Path JAR = Path.of("relay-app", "target", "outbox-relay.jar");

  /** Describes a process that runs the relay, or one of its commands. */
  public JavaProcess.Builder process(List<String> jvmOptions, List<String> subcommand) {
    var words = new ArrayList<>(jvmOptions);
    words.addAll(arguments(jar, config, subcommand));
    return JavaProcess.java(words)
        // Variables with this prefix would override the file, and could select another database.
        .withoutVariables("OUTBOX_RELAY_")
        .environment(environment);
  }

  /** Describes a process that runs the relay, or one of its commands, with Java's defaults. */
  public JavaProcess.Builder process(String... subcommand) {
    return process(List.of(), List.of(subcommand));
  }

  /**
   * Runs a command of the relay until it ends.
   *
   * @param log the file to which all output is appended
   * @return the standard output
   * @throws IllegalStateException if the exit code is not 0
   */
  public String run(Path log, List<String> jvmOptions, List<String> subcommand)
      throws IOException, InterruptedException {
    try (var command = process(jvmOptions, subcommand).start()) {
      int code = command.awaitEnd();
      Files.writeString(log, command.err() + "\n" + command.out() + "\n", CREATE, APPEND);
      if (code != 0) {
        throw new IllegalStateException(
            "%s ended with exit code %d; what it wrote is in %s"
                .formatted(String.join(" ", subcommand), code, log));
      }
      return command.out();
    }
  }

  /** Runs the command {@code init} as {@link #run} does, with Java's defaults. */
  public String init(Path log) throws IOException, InterruptedException {
    return run(log, List.of(), List.of("init"));
  }

  /** Returns the option of Java that overrides one setting, given as {@code key=value}. */
  public static String settingOption(String setting) {
    return "-Doutbox-relay." + setting;
  }

  /**
   * Describes a process that runs the relay by its launcher; the jar must be in the launcher's
   * folder.
   */
  public JavaProcess.Builder launch(Path launcher, List<String> jvmOptions) {
    return JavaProcess.launcher(launcher, List.of("-conf", config.toString()))
        .withoutVariables("OUTBOX_RELAY_")
        .environment(environment)
        .environment(Map.of("JAVA_OPTS", String.join(" ", jvmOptions)));
  }

  /**
   * Describes a process that runs the relay by its launcher. When the relay is stopped, the process
   * writes the class archive with which the launcher starts the relay faster.
   */
  public JavaProcess.Builder makeArchive(Path launcher) {
    return JavaProcess.launcher(launcher, List.of("--make-archive", "-conf", config.toString()))
        .withoutVariables("OUTBOX_RELAY_")
        .environment(environment);
  }

  /** Returns the command line of a subcommand as a user types it. */
  public String commandLine(List<String> subcommand) {
    return "java " + String.join(" ", arguments(jar, config, subcommand));
  }

  private static List<String> arguments(Path jar, Path config, List<String> subcommand) {
    var arguments = new ArrayList<>(List.of("-jar", jar.toString()));
    arguments.addAll(subcommand);
    arguments.addAll(List.of("-conf", config.toString()));
    return arguments;
  }
}
