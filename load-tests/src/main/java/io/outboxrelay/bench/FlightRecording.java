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
 * Records one relay with Java Flight Recorder from its start to its end, and draws a flame graph.
 * Used by {@code load-tests/profile}.
 */
final class FlightRecording {
  private static final AtomicInteger NUMBERS = new AtomicInteger();

  private final Path file;

  private FlightRecording(Path file) {
    this.file = file;
  }

  /** Returns a recording for the next relay, or empty if none is requested. */
  static Optional<FlightRecording> next() throws IOException {
    var folder = System.getProperty("bench.profile");
    if (folder == null) {
      return Optional.empty();
    }
    var name = "relay-%d.jfr".formatted(NUMBERS.incrementAndGet());
    return Optional.of(new FlightRecording(Files.createDirectories(Path.of(folder)).resolve(name)));
  }

  /** Returns the options for the relay's JVM. */
  List<String> options() {
    return List.of(
        // without these options all time is attributed to a few safepoints
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:+DebugNonSafepoints",
        "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + file);
  }

  /** Draws the flame graph. To be called after the JVM has ended. */
  void drawFlameGraph() throws IOException {
    var graph = file.toString().replaceAll("jfr$", "html");
    JfrToFlame.convert(file.toString(), graph, new Arguments("--title", file.toString()));
    System.err.println("recorded " + file + ", flame graph " + graph);
  }
}
