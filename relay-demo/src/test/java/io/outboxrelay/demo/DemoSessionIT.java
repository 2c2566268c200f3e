package io.outboxrelay.demo;

import static java.util.concurrent.CompletableFuture.delayedExecutor;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo as a user runs it: the script, with its output going to a pipe. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DemoSessionIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration LONGEST = Duration.ofMinutes(4);
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long SIGINT = 1 << 1;
  private static final String PROVED =
      "(?m)^Proved: [1-9][\\d,]* events committed in [\\d,]+ transactions from 4 connections"
          + " .*; [1-9][\\d,]* delivered, 0 lost, 0 out of order, 0 repeated; .*$";

  @ParameterizedTest
  @ValueSource(strings = {"kafka", "rabbitmq"})
  void everyCommittedEventArrivesOnceAndInOrder(String broker) throws Exception {
    var demo = demo("--broker", broker, "--rate", "200", "--seconds", "5");
    var output = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(demo.waitFor()).as(output).isZero();
    assertThat(output).containsPattern(PROVED).contains("broker: " + broker);
    assertThat(output).as("no terminal, no escape sequences").doesNotContain("\033", "\r");
  }

  @Test
  void ctrlCEndsItWithTheSameProof() throws Exception {
    var demo = demo("--rate", "200");
    var output = new ArrayList<String>();
    try (var lines = demo.inputReader(StandardCharsets.UTF_8)) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        output.add(line);
        if (line.matches(".*  delivered [1-9].*")) {
          interrupt(demo);
        }
      }
    }

    assertThat(demo.waitFor()).as(String.join("\n", output)).isZero();
    assertThat(String.join("\n", output)).containsPattern(PROVED);
  }

  /** Java leaves SIGINT ignored where it is, as in what a script runs in the background. */
  private static void interrupt(Process process) throws IOException, InterruptedException {
    String signal = ignoresInterrupt() ? "TERM" : "INT";
    new ProcessBuilder("kill", "-s", signal, Long.toString(process.pid())).start().waitFor();
  }

  private static boolean ignoresInterrupt() throws IOException {
    if (!Files.exists(STATUS)) {
      return false;
    }
    var ignored = Pattern.compile("(?m)^SigIgn:\\s*(\\p{XDigit}+)$");
    var status = ignored.matcher(Files.readString(STATUS));
    return status.find() && (Long.parseUnsignedLong(status.group(1), 16) & SIGINT) != 0;
  }

  private static Process demo(String... options) throws IOException {
    var command = new ArrayList<>(List.of(ROOT.resolve("demo").toString()));
    command.addAll(List.of(options));
    var demo = new ProcessBuilder(command).redirectErrorStream(true).start();
    // Reading its output cannot be interrupted.
    delayedExecutor(LONGEST.toSeconds(), SECONDS).execute(demo::destroyForcibly);
    return demo;
  }
}
