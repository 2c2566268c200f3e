package io.outboxrelay.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo as a user runs it: the script, with its output going to a pipe. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DemoSessionIT {
  private static final String PROVED =
      "(?m)^Proved: [1-9][\\d,]* events committed in [\\d,]+ transactions from 4 connections"
          + " .*; [1-9][\\d,]* delivered, 0 lost, 0 out of order, 0 repeated; .*$";

  @ParameterizedTest
  @ValueSource(strings = {"kafka", "rabbitmq"})
  void everyCommittedEventArrivesOnceAndInOrder(String broker) throws Exception {
    var demo = DemoScript.start("--broker", broker, "--rate", "200", "--seconds", "5");
    var output = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(demo.waitFor()).as(output).isZero();
    assertThat(output).containsPattern(PROVED).contains("broker: " + broker);
    assertThat(output).as("no terminal, no escape sequences").doesNotContain("\033", "\r");
  }

  @Test
  void ctrlCEndsItWithTheSameProof() throws Exception {
    var demo = DemoScript.start("--rate", "200");
    var output = new ArrayList<String>();
    try (var lines = demo.inputReader(StandardCharsets.UTF_8)) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        output.add(line);
        if (line.matches(".*  delivered [1-9].*")) {
          DemoScript.interrupt(demo);
        }
      }
    }

    assertThat(demo.waitFor()).as(String.join("\n", output)).isZero();
    assertThat(String.join("\n", output)).containsPattern(PROVED);
  }
}
