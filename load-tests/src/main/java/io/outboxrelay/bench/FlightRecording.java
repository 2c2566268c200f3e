package io.outboxrelay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import one.convert.Arguments;
import one.convert.JfrToFlame;

/**
 * What Java Flight Recorder notes of one relay from its start to its end, and a flame graph of it;
 * where {@code load-tests/profile} asked for it.
 */
final class FlightRecording {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final Path file;

  private FlightRecording(Path file) {
    this.file = file;
  }

  /** A recording of the relay that starts next, where one is wanted. */
  static Optional<FlightRecording> next() throws IOException {
    var folder = System.getProperty("bench.profile");
    if (folder == null) {
      return Optional.empty();
    }
    var name = "relay-%d.jfr".formatted(NUMBERS.incrementAndGet());
    return Optional.of(new FlightRecording(Files.createDirectories(Path.of(folder)).resolve(name)));
  }

  /** What the relay's JVM has to be told. */
  List<String> options() {
    return List.of(
        // else all time seems spent at a few safe points
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:+DebugNonSafepoints",
        "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + file);
  }

  /** Once that JVM has ended. */
  void drawFlameGraph() throws IOException {
    var graph = file.toString().replaceAll("jfr$", "html");
    JfrToFlame.convert(file.toString(), graph, new Arguments("--title", file.toString()));
    System.err.println("recorded " + file + ", flame graph " + graph);
  }
}
