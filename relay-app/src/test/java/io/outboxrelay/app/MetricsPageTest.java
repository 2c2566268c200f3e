package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/metrics.md describes each metric that a relay exports, and no others. */
class MetricsPageTest {
  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z_*]+)` \\| (\\w+) \\| ([^|]*)\\| [^|]+ \\|");
  private static final Pattern LABEL = Pattern.compile("`([a-z]+)`");

  private static final String OF_CONNECTIONS = "vertx_sql_*";

  private final Scrape scrape = Scrape.ofALeader();
  private final List<Row> rows = rows();

  private record Row(String name, String type, String labels) {
    boolean isOf(String metric) {
      return metric.matches(name.replace("*", ".*"));
    }
  }

  @Test
  void everyMetricIsOnThePage() {
    assertThat(scrape.types().keySet())
        .hasSizeGreaterThan(40)
        .allSatisfy(metric -> assertThat(rows).as(metric).anyMatch(row -> row.isOf(metric)));
  }

  /**
   * The metrics of connections to the database are tested in {@link FatJarIT}, which has a
   * database.
   */
  @Test
  void everythingOnThePageIsAMetric() {
    assertThat(rows)
        .hasSizeGreaterThan(40)
        .filteredOn(row -> !row.name.equals(OF_CONNECTIONS))
        .allSatisfy(row -> assertThat(scrape.types().keySet()).as("%s", row).anyMatch(row::isOf));
  }

  @Test
  void typesAndLabelsAreAsThePageSays() {
    assertThat(rows)
        .filteredOn(row -> !row.name.contains("*"))
        .allSatisfy(
            row -> {
              assertThat(scrape.types()).containsEntry(row.name, row.type);
              assertThat(labels(row.labels)).as(row.name).isEqualTo(shown(row));
            });
  }

  /** Returns true if the page explains this metric. */
  static boolean explains(String metric) {
    return rows().stream().anyMatch(row -> row.isOf(metric));
  }

  private Set<String> shown(Row row) {
    boolean isHistogram = row.type.equals("histogram");
    return scrape.labels().getOrDefault(isHistogram ? row.name + "_count" : row.name, Set.of());
  }

  private static Set<String> labels(String cell) {
    var labels = new TreeSet<String>();
    LABEL.matcher(cell).results().forEach(label -> labels.add(label.group(1)));
    return labels;
  }

  private static List<Row> rows() {
    try {
      String page = Files.readString(Path.of("..", "docs", "metrics.md"));
      return ROW.matcher(page)
          .results()
          .map(row -> new Row(row.group(1), row.group(2), row.group(3)))
          .toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
