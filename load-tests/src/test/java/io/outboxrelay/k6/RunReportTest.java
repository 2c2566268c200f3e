package io.outboxrelay.k6;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {
  private static final String SUMMARY =
      """
      { "scenario": "steady", "broker": "kafka", "verdict": "%s", "broken": [%s],
        "rate": "20 employees a second", "machine": "2 cores, <fast>",
        "state": { "testRunDurationMs": 75000 },
        "metrics": {
          "accepted": { "values": { "count": 7500 } },
          "verified": { "values": { "count": 7500 }, "thresholds": { "count>0": { "ok": true } } },
          "commit_to_read_model{scenario:lives}": {
            "values": { "med": 12.34, "p(95)": 30, "p(99)": 41, "max": 99 },
            "thresholds": { "p(50)<100": { "ok": %s } } } } }
      """;

  private static final String POINTS =
      """
      metric_name,timestamp,metric_value,check,scenario
      iteration_duration,1010,10000,,warmUp
      accepted,1000,5,,warmUp
      commit_to_read_model,1001,200,,warmUp
      accepted,1011,100,,lives
      commit_to_read_model,1011,10,,lives
      commit_to_read_model,1011,20,,lives
      accepted,1012,100,,lives
      commit_to_read_model,1012,15,,lives
      iteration_duration,1020,5000,,operator
      accepted,1030,90,,lives
      """;

  @TempDir private Path folder = Path.of("set by JUnit");

  @Test
  void theTopSaysWhatWasRunAndWhetherItPassed() throws IOException {
    String html = report(SUMMARY.formatted("passed", "", "true"));
    assertThat(html)
        .contains("<h1 class=\"passed\">steady · kafka · PASSED</h1>")
        .contains("<th>rate</th><td>20 employees a second</td>")
        .contains("<th>machine</th><td>2 cores, &lt;fast&gt;</td>")
        .contains("<td>p(50)&lt;100</td><td>kept</td>");
    assertThat(html.indexOf("PASSED")).isLessThan(html.indexOf("<svg"));
  }

  @Test
  void aCounterThatNeverCountedIsShownAsZero() throws IOException {
    assertThat(report(SUMMARY.formatted("passed", "", "true")))
        .contains("<th>lost</th><td>0</td>")
        .contains("<th>repeated</th><td>0</td>")
        .contains("<th>overtaken</th><td>0</td>")
        .contains("<th>changes accepted</th><td>7500 (100/s)</td>")
        .contains("<th>commit to read model, p50</th><td>12.3 ms</td>");
  }

  @Test
  void aBrokenThresholdIsNamed() throws IOException {
    assertThat(report(SUMMARY.formatted("failed", "\"repeated: count==0\"", "false")))
        .contains("<h1 class=\"failed\">steady · kafka · FAILED</h1>")
        .contains("<td>BROKEN</td>")
        .contains("broken: repeated: count==0");
  }

  @Test
  void theLinesCanBeToldApartAndWarmUpAndOutageAreShaded() throws IOException {
    String html = report(SUMMARY.formatted("passed", "", "true"));
    String latencies = html.substring(html.indexOf("<svg"), html.indexOf("</svg>"));
    assertThat(
            Pattern.compile("stroke=\"(#\\w+)\" stroke-width=\"2\" stroke-dasharray=\"([^\"]+)\"")
                .matcher(latencies)
                .results()
                .map(found -> found.group(1) + found.group(2)))
        .hasSize(4)
        .doesNotHaveDuplicates();
    assertThat(latencies).contains(">p50</text>", ">p95</text>", ">p99</text>", ">max</text>");
    assertThat(latencies.split("class=\"shade\"", -1)).hasSize(3);
    assertThat(latencies).contains(">warm-up</text>", ">broker away</text>");
  }

  private String report(String summary) throws IOException {
    Files.writeString(folder.resolve("summary.json"), summary);
    try (var csv = new GZIPOutputStream(Files.newOutputStream(folder.resolve("points.csv.gz")))) {
      csv.write(POINTS.getBytes(StandardCharsets.UTF_8));
    }
    RunReport.main(new String[] {folder.toString()});
    return Files.readString(folder.resolve("report.html"));
  }
}
