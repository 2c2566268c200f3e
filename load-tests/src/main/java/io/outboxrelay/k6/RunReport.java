package io.outboxrelay.k6;

import static io.outboxrelay.k6.FixedLocale.text;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes {@code report.html} of one run from its {@code summary.json} and {@code points.csv.gz}.
 * The report begins with the scenario and its verdict.
 */
public final class RunReport {
  /** The most points of a line, because more would be hard to read. */
  private static final int POINTS = 400;

  private final JsonObject summary;
  private final Samples samples;

  RunReport(JsonObject summary, Samples samples) {
    this.summary = summary;
    this.samples = samples;
  }

  /**
   * Writes the report of one run.
   *
   * @param arguments the folder of the run
   */
  public static void main(String[] arguments) throws IOException {
    var folder = Path.of(arguments[0]);
    var summary = new JsonObject(Files.readString(folder.resolve("summary.json")));
    var report = new RunReport(summary, Samples.read(folder.resolve("points.csv.gz")));
    Files.writeString(folder.resolve("report.html"), report.html());
  }

  String html() {
    return """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>%1$s</title>
        <style>
        body { font: 15px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
        td, th { text-align: left; padding: .1rem 1.5rem .1rem 0 }
        .passed { color: #06632c } .failed { color: #b00020 } svg { width: 100%% }
        </style></head><body>
        <h1 class="%2$s">%1$s</h1>
        <table>%3$s</table>
        <h2>Figures</h2>
        <table>%4$s</table>
        <h2>Thresholds</h2>
        <table><tr><th>metric</th><th>required</th><th></th></tr>%5$s</table>
        <h2>Commit to read model</h2>
        <p>The time from the answer to a change to the answer of a read that waited for it. The axis is logarithmic.</p>
        %6$s
        <h2>Changes accepted a second</h2>
        %7$s
        </body></html>
        """
        .formatted(
            escaped(title()),
            escaped(summary.getString("verdict", "failed")),
            rows(circumstances()),
            rows(figures()),
            thresholds(),
            latencies(),
            rate());
  }

  /** Returns a title such as {@code steady · kafka · PASSED}. */
  private String title() {
    return String.join(
        " · ",
        summary.getString("scenario", "unknown scenario"),
        summary.getString("broker", "unknown broker"),
        summary.getString("verdict", "failed").toUpperCase(Locale.ROOT));
  }

  private Map<String, String> circumstances() {
    var rows = new LinkedHashMap<String, String>();
    rows.put("scenario", summary.getString("scenario", "unknown"));
    rows.put("broker", summary.getString("broker", "unknown"));
    rows.put("rate", summary.getString("rate", "unknown"));
    rows.put("machine", summary.getString("machine", "unknown"));
    rows.put("took", text("%.0f s", seconds()));
    return rows;
  }

  private Map<String, String> figures() {
    var rows = new LinkedHashMap<String, String>();
    double accepted = value("accepted", "count");
    rows.put("changes accepted", text("%.0f (%.0f/s)", accepted, accepted / seconds()));
    rows.put("verified in order", text("%.0f", value("verified", "count")));
    for (String broken : List.of("lost", "repeated", "overtaken")) {
      rows.put(broken, text("%.0f", value(broken, "count")));
    }
    percentileRows(rows);
    rows.put(
        "a change takes, p95", text("%.1f ms", value("http_req_duration{name:write}", "p(95)")));
    return rows;
  }

  private void percentileRows(Map<String, String> rows) {
    for (String name : List.of("med", "p(95)", "p(99)", "max")) {
      String said = name.equals("med") ? "p50" : name.replaceAll("[()]", "");
      rows.put(
          "commit to read model, " + said, text("%.1f ms", value("commit_to_read_model", name)));
    }
  }

  private double seconds() {
    return Math.max(
        0.001,
        summary.getJsonObject("state", new JsonObject()).getDouble("testRunDurationMs", 0.0)
            / 1000);
  }

  /**
   * Returns a figure. If the run had a warm-up, the figure is of the time after it. A counter that
   * was never incremented is 0.
   */
  private double value(String metric, String name) {
    var metrics = summary.getJsonObject("metrics", new JsonObject());
    for (String key :
        List.of(metric.replace("{", "{scenario:lives,"), metric + "{scenario:lives}", metric)) {
      if (metrics.containsKey(key)) {
        return metrics.getJsonObject(key).getJsonObject("values").getDouble(name, 0.0);
      }
    }
    return 0;
  }

  private String thresholds() {
    var rows = new StringBuilder();
    for (var metric : summary.getJsonObject("metrics", new JsonObject())) {
      var conditions =
          ((JsonObject) metric.getValue()).getJsonObject("thresholds", new JsonObject());
      for (var condition : conditions) {
        boolean kept = ((JsonObject) condition.getValue()).getBoolean("ok", false);
        rows.append(
            "<tr class=\"%s\"><td>%s</td><td>%s</td><td>%s</td></tr>%n"
                .formatted(
                    kept ? "passed" : "failed",
                    escaped(metric.getKey()),
                    escaped(condition.getKey()),
                    kept ? "kept" : "BROKEN"));
      }
    }
    for (var broken : summary.getJsonArray("broken", new JsonArray())) {
      rows.append(
          "<tr class=\"failed\"><td colspan=3>broken: %s</td></tr>%n"
              .formatted(escaped(broken.toString())));
    }
    return rows.toString();
  }

  private String latencies() {
    if (samples.latencies().isEmpty()) {
      return "<p>Nothing was measured.</p>";
    }
    var grouped = new TreeMap<Long, List<Double>>();
    long step = step();
    samples
        .latencies()
        .forEach(
            (second, values) ->
                grouped
                    .computeIfAbsent(second - second % step, first -> new ArrayList<>())
                    .addAll(values));
    grouped.values().forEach(Collections::sort);
    double lowest = grouped.values().stream().mapToDouble(all -> all.get(0)).min().orElse(1);
    double highest =
        grouped.values().stream().mapToDouble(all -> all.get(all.size() - 1)).max().orElse(1);
    var chart = chart(lowest, highest);
    chart.line("p50", "#06632c", "none", percentile(grouped, 0.5));
    chart.line("p95", "#0b57d0", "8 3", percentile(grouped, 0.95));
    chart.line("p99", "#b25e00", "3 3", percentile(grouped, 0.99));
    chart.line("max", "#b00020", "1 4", percentile(grouped, 1));
    return chart.svg("ms");
  }

  private String rate() {
    if (samples.accepted().isEmpty()) {
      return "<p>Nothing was accepted.</p>";
    }
    long step = step();
    var rates = new TreeMap<Long, Double>();
    samples
        .accepted()
        .forEach((second, count) -> rates.merge(second - second % step, count / step, Double::sum));
    var chart = chart(1, Collections.max(rates.values()));
    chart.line("accepted", "#0b57d0", "none", rates);
    return chart.svg("/s");
  }

  private LineChart chart(double lowest, double highest) {
    var chart = new LineChart(samples.first(), samples.last(), lowest, highest);
    samples.warmUp().forEach(span -> chart.shade("warm-up", "#eceff1", span));
    samples.outage().forEach(span -> chart.shade("broker away", "#fde7e9", span));
    return chart;
  }

  private long step() {
    return Math.max(1, (samples.last() - samples.first()) / POINTS);
  }

  private static Map<Long, Double> percentile(Map<Long, List<Double>> sorted, double share) {
    var line = new TreeMap<Long, Double>();
    sorted.forEach(
        (second, all) ->
            line.put(second, all.get((int) Math.max(0, Math.ceil(share * all.size()) - 1))));
    return line;
  }

  private static String rows(Map<String, String> rows) {
    var text = new StringBuilder();
    rows.forEach(
        (name, value) ->
            text.append(
                "<tr><th>%s</th><td>%s</td></tr>%n".formatted(escaped(name), escaped(value))));
    return text.toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
