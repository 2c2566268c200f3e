package io.outboxrelay.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.Help.Ansi;

class DemoCommandTest {
  /** The script prints the help from a file, because the demo may not be built yet. */
  @Test
  void theScriptShowsTheHelpOfTheCommand() throws IOException {
    assertThat(Files.readString(Path.of("help.txt")))
        .isEqualTo(DemoCommand.commandLine(new StopRequest()).getUsageMessage(Ansi.OFF));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --broker sqs   | 'sqs' is neither kafka nor rabbitmq
          --rate 0       | --rate is 0, but must be from 1 to 100000 transactions a second.
          --rate fast    | 'fast' is not an int
          --seconds 0    | --seconds is 0, but must be at least 1.
          --keep --seconds 5 | --seconds is 5, but must be left out with --keep, which has no end.
          --second=5     | Unknown option: '--second=5'
          5              | Unmatched argument at index 0: '5'
          """)
  void aMistakeIsToldBeforeAnythingIsStarted(String arguments, String message) {
    var err = new StringWriter();

    int code =
        DemoCommand.commandLine(new StopRequest())
            .setErr(new PrintWriter(err, true))
            .execute(arguments.split(" "));

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains(message).contains("./demo --help lists the options.");
  }
}
