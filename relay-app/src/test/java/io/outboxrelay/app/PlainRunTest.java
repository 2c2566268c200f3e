package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainRunTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-conf relay.yaml",
        "-c relay.yaml",
        "--conf relay.yaml",
        "run -conf relay.yaml",
        "-conf relay.yaml run"
      })
  void readsACommandLineThatOnlyRunsTheRelay(String line) {
    assertThat(PlainRun.of(line.split(" ")))
        .isEqualTo(Optional.of(new PlainRun(Path.of("relay.yaml"), false)));
    assertThat(RelayCommand.commandLine().parseArgs(line.split(" ")).errors()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-v -conf relay.yaml", "run -conf relay.yaml --verbose"})
  void readsThatTheRelayIsToLogMore(String line) {
    assertThat(PlainRun.of(line.split(" ")))
        .isEqualTo(Optional.of(new PlainRun(Path.of("relay.yaml"), true)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "run",
        "-conf",
        "-conf -v",
        "-conf @relay.yaml",
        "-conf=relay.yaml",
        "-conf relay.yaml -conf other.yaml",
        "-conf relay.yaml -v -v",
        "-conf relay.yaml run run",
        "-conf relay.yaml status",
        "-conf relay.yaml --help",
        "help run",
        "--version"
      })
  void leavesEveryOtherCommandLineToPicocli(String line) {
    assertThat(PlainRun.of(line.split(" "))).isEmpty();
  }
}
