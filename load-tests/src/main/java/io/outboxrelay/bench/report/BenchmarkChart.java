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

/** The medians of one metric as bars: a group for each case, a bar for each side. */
final class BenchmarkChart {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 380;

  /** Twice the usual, for sharp letters. */
  private static final int DOTS_PER_INCH = 144;

  /** Two cases that need a sentence each stand side by side. */
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

  /** Writes it as one file that needs no other; gives the file. */
  Path write(Path file) throws IOException {
    BitmapEncoder.saveBitmapWithDPI(chart, file.toString(), BitmapFormat.PNG, DOTS_PER_INCH);
    return file;
  }
}
