package io.outboxrelay.bench.report;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler;

/** A bar chart of one metric's medians: a group for each case, a bar for each contender. */
final class BenchmarkChart {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 380;

  /** Twice the usual resolution, for sharp text. */
  private static final int DOTS_PER_INCH = 144;

  /** A small font, so that the long titles of two cases fit beside each other. */
  private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 9);

  private final CategoryChart chart;

  private BenchmarkChart(CategoryChart chart) {
    this.chart = chart;
  }

  static BenchmarkChart bars(String title, BenchmarkMetric metric, List<CaseResult> outcomes) {
    var chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .yAxisTitle(metric.name())
            .build();
    var style = chart.getStyler();
    style.setLegendPosition(Styler.LegendPosition.OutsideS);
    style.setLegendLayout(Styler.LegendLayout.Horizontal);
    style.setChartBackgroundColor(Color.WHITE);
    style.setLabelsVisible(true);
    style.setYAxisDecimalPattern(
        metric.decimals() == 0 ? "#,##0" : "#,##0." + "#".repeat(metric.decimals()));
    style.setAxisTickLabelsFont(SMALL);
    var cases = outcomes.stream().map(CaseResult::title).toList();
    for (var side : outcomes.get(0).sides()) {
      var medians =
          outcomes.stream().map(outcome -> outcome.median(side, metric).orElse(0)).toList();
      chart.addSeries(side, cases, medians);
    }
    return new BenchmarkChart(chart);
  }

  /** Writes the chart as a PNG; returns the file. */
  Path write(Path file) throws IOException {
    BitmapEncoder.saveBitmapWithDPI(chart, file.toString(), BitmapFormat.PNG, DOTS_PER_INCH);
    return file;
  }
}
