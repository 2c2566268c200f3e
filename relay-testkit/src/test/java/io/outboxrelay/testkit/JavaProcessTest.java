package io.outboxrelay.testkit;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaProcessTest {
  private static final int ENDED_BY_SIGTERM = 143;
  private static final int ENDED_BY_SIGKILL = 137;

  @TempDir private Path folder = Path.of("set by JUnit");

  @Test
  void bothOutputsAreKeptApart() throws Exception {
    try (var program = talking("0").start()) {
      assertThat(program.awaitEnd()).isZero();
      assertThat(program.out()).contains("all is said").doesNotContain("complaint");
      assertThat(program.err()).isEqualTo("a complaint");
    }
  }

  @Test
  void aLineThatWasWrittenBeforeIsFoundAtOnce() throws Exception {
    try (var program = talking().start()) {
      assertThat(program.awaitLine("is said", PATIENCE)).isEqualTo("all is said");
      assertThat(program.awaitLine("folder", Duration.ZERO)).startsWith("folder /");
      assertThat(program.running()).isTrue();
    }
  }

  @Test
  void aProgramThatEndsWithoutTheLineIsToldByItsOutput() throws Exception {
    try (var program = talking("3").start()) {
      assertThatThrownBy(() -> program.awaitLine("never written", PATIENCE))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("ended before it wrote \"never written\"")
          .hasMessageContaining("a complaint");
      assertThat(program.awaitEnd()).isEqualTo(3);
    }
  }

  @Test
  void aLineThatDoesNotComeInTimeIsToldToo() throws Exception {
    try (var program = talking().start()) {
      program.awaitLine("all is said", PATIENCE);
      assertThatThrownBy(() -> program.awaitLine("never written", Duration.ofMillis(50)))
          .hasMessageContaining("ran for 0 s before it wrote \"never written\"");
      assertThatThrownBy(() -> program.awaitEnd(Duration.ofMillis(50)))
          .hasMessageContaining("has not ended within 0 s");
    }
  }

  @Test
  void aLogGetsBothOutputsOfAllRunsUnlessItIsNew() throws Exception {
    var log = folder.resolve("program.log");
    run(talking("0").log(log));
    run(talking("0").log(log));
    assertThat(Files.readAllLines(log)).filteredOn("a complaint"::equals).hasSize(2);
    assertThat(Files.readAllLines(log)).filteredOn("all is said"::equals).hasSize(2);

    run(talking("0").newLog(log));
    assertThat(Files.readAllLines(log)).filteredOn("a complaint"::equals).hasSize(1);
  }

  @Test
  void aListenerGetsEachLineInOrder() throws Exception {
    var lines = new CopyOnWriteArrayList<String>();
    run(talking("0").log(folder.resolve("program.log")).onLine(lines::add));

    assertThat(lines).contains("a complaint").endsWith("all is said");
  }

  @Test
  void folderAndEnvironmentAreThoseAskedFor() throws Exception {
    var builder = talking("0").in(folder).environment(Map.of("TALKING_GIVEN", "yes"));
    try (var program = builder.withoutVariables("PAT").start()) {
      program.awaitEnd();
      assertThat(program.out())
          .contains("folder " + folder.toRealPath(), "TALKING_GIVEN yes", "PATH null");
    }
  }

  @Test
  void itIsEndedByEitherSignal() throws Exception {
    try (var program = talking().start()) {
      program.awaitLine("all is said", PATIENCE);
      assertThat(program.stop()).isEqualTo(ENDED_BY_SIGTERM);
      assertThat(program.running()).isFalse();
    }
    try (var program = talking().start()) {
      program.awaitLine("all is said", PATIENCE);
      program.kill();
      assertThat(program.awaitEnd()).isEqualTo(ENDED_BY_SIGKILL);
    }
  }

  @Test
  void aSignalFreezesItAndAnotherContinuesIt() throws Exception {
    try (var program = talking().start()) {
      program.awaitLine("all is said", PATIENCE);
      program.signal("STOP");
      UnixSignals.awaitStopped(program.pid());
      program.signal("CONT");
      assertThat(program.stop()).isEqualTo(ENDED_BY_SIGTERM);
    }
  }

  private static void run(JavaProcess.Builder builder) throws Exception {
    try (var program = builder.start()) {
      assertThat(program.awaitEnd()).isZero();
    }
  }

  private static JavaProcess.Builder talking(String... arguments) {
    var words = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp"));
    words.add(System.getProperty("java.class.path"));
    words.add(TalkingProgram.class.getName());
    words.addAll(List.of(arguments));
    return JavaProcess.java(words);
  }
}
