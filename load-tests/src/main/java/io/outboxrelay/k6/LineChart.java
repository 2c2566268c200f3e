package io.outboxrelay.k6;

import static io.outboxrelay.k6.FixedLocale.text;

import java.util.Map;

/**
 * A line chart over the seconds of a run, as SVG. The vertical axis is logarithmic, so that an
 * outlier does not flatten the rest.
 */
final class LineChart {
  private static final int WIDTH = 960;
  private static final int HEIGHT = 320;
  private static final int LEFT = 70;
  private static final int RIGHT = 80;
  private static final int BOTTOM = 40;
  private static final int TOP = 20;
  private static final int TEXT_HEIGHT = 13;

  private final StringBuilder svg = new StringBuilder();
  private final StringBuilder lines = new StringBuilder();
  private final long first;
  private final long last;
  private final double lowest;
  private final double highest;
  private double lastName = HEIGHT;

  /**
   * Creates a chart between two powers of ten that enclose the values. Values below {@code lowest}
   * are drawn at the bottom.
   */
  LineChart(long first, long last, double lowest, double highest) {
    this.first = first;
    this.last = Math.max(last, first + 1);
    this.lowest = Math.pow(10, Math.floor(Math.log10(Math.max(lowest, 0.1))));
    this.highest = Math.max(10 * this.lowest, Math.pow(10, Math.ceil(Math.log10(highest))));
  }

  /** Shades some seconds of the run and labels them. */
  void shade(String name, String color, Samples.Span span) {
    double from = x(Math.max(span.from(), first));
    svg.append(
        text(
            "<rect class=\"shade\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>"
                + "<text x=\"%.1f\" y=\"%d\">%s</text>%n",
            from,
            TOP,
            Math.max(1, x(Math.min(span.to(), last)) - from),
            HEIGHT - TOP - BOTTOM,
            color,
            from + 4,
            TOP + 14,
            name));
  }

  /** Draws a line with its name at its end. The dashes distinguish it without colour. */
  void line(String name, String color, String dashes, Map<Long, Double> values) {
    var points = new StringBuilder();
    double end = 0;
    for (var point : values.entrySet()) {
      end = y(point.getValue());
      points.append(text("%.1f,%.1f ", x(point.getKey()), end));
    }
    lastName = Math.min(end + 4, lastName - TEXT_HEIGHT);
    lines.append(
        text(
            "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\""
                + " stroke-dasharray=\"%s\"/>%n"
                + "<text x=\"%d\" y=\"%.1f\" fill=\"%s\">%s</text>%n",
            points.toString().trim(), color, dashes, WIDTH - RIGHT + 6, end + 4, color, name));
  }

  String svg(String unit) {
    var all = new StringBuilder();
    all.append(text("<svg viewBox=\"0 0 %d %d\" role=\"img\" font-size=\"12\">%n", WIDTH, HEIGHT));
    all.append(svg);
    for (double tick = lowest; tick <= highest * 1.01; tick *= 10) {
      all.append(
          text(
              "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>"
                  + "<text x=\"4\" y=\"%.1f\">%s %s</text>%n",
              LEFT,
              WIDTH - RIGHT,
              y(tick),
              y(tick),
              y(tick) + 4,
              tick < 1 ? text("%.1f", tick) : text("%.0f", tick),
              unit));
    }
    long step = Math.max(1, (last - first) / 8);
    for (long second = first; second <= last; second += step) {
      all.append(
          text("<text x=\"%.1f\" y=\"%d\">%d s</text>%n", x(second), HEIGHT - 18, second - first));
    }
    return all.append(lines).append("</svg>\n").toString();
  }

  private double x(long second) {
    return LEFT + (double) (WIDTH - LEFT - RIGHT) * (second - first) / (last - first);
  }

  private double y(double value) {
    double share = Math.log10(Math.max(value, lowest) / lowest) / Math.log10(highest / lowest);
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  }
}
