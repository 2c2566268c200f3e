package io.outboxrelay.k6;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * The measurements of k6 over time, from its CSV output.
 *
 * @param latencies milliseconds from commit to read model, by the second in which they ended
 * @param accepted the number of accepted changes in each second
 * @param warmUp the seconds of the warm-up; empty if there was none
 * @param outage the seconds in which the broker was unavailable
 */
record Samples(
    NavigableMap<Long, List<Double>> latencies,
    NavigableMap<Long, Double> accepted,
    List<Span> warmUp,
    List<Span> outage) {

  /** A range of seconds. */
  record Span(long from, long to) {}

  static Samples read(Path csv) throws IOException {
    try (var lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(csv)), StandardCharsets.UTF_8))) {
      var samples =
          new Samples(new TreeMap<>(), new TreeMap<>(), new ArrayList<>(), new ArrayList<>());
      String header = lines.readLine();
      int scenario = header == null ? -1 : Arrays.asList(header.split(",")).indexOf("scenario");
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        samples.add(line.split(",", -1), scenario);
      }
      return samples;
    }
  }

  private void add(String[] cells, int scenarioColumn) {
    long second = Long.parseLong(cells[1]);
    double value = Double.parseDouble(cells[2]);
    String scenario =
        scenarioColumn >= 0 && scenarioColumn < cells.length ? cells[scenarioColumn] : "";
    switch (cells[0]) {
      case "commit_to_read_model" ->
          latencies.computeIfAbsent(second, first -> new ArrayList<>()).add(value);
      case "accepted" -> accepted.merge(second, value, Double::sum);
      case "iteration_duration" -> {
        var span = new Span(second - Math.round(value / 1000), second);
        if (scenario.equals("warmUp")) {
          widen(warmUp, span);
        } else if (scenario.equals("operator")) {
          widen(outage, span);
        }
      }
      default -> {}
    }
  }

  private static void widen(List<Span> spans, Span more) {
    var all = spans.isEmpty() ? more : spans.remove(0);
    spans.add(new Span(Math.min(all.from, more.from), Math.max(all.to, more.to)));
  }

  long first() {
    return accepted.isEmpty() ? 0 : accepted.firstKey();
  }

  long last() {
    return accepted.isEmpty()
        ? 0
        : Math.max(accepted.lastKey(), latencies.isEmpty() ? 0 : latencies.lastKey());
  }
}
