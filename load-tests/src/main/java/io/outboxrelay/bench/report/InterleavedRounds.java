package io.outboxrelay.bench.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;

/**
 * Measures several sides in turn, for a number of rounds. Every second round has the opposite
 * order, because a later side finds warmer caches or a fuller disk.
 */
public final class InterleavedRounds {
  private final int count;

  public InterleavedRounds(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "--rounds=" + count + " measures nothing; give 1 or more, nothing was started");
    }
    this.count = count;
  }

  /**
   * Measures all sides; the first is the baseline. Each result is printed to {@code table} at once.
   */
  public CaseResult of(String title, MarkdownTable table, List<Contender> sides) throws Exception {
    var outcome = new CaseResult(title, sides.stream().map(Contender::name).toList());
    table.begin(title);
    for (int round = 1; round <= count; round++) {
      var order = new ArrayList<>(sides);
      if (round % 2 == 0) {
        Collections.reverse(order);
      }
      var figures = new HashMap<String, MeasuredFigures>();
      for (var side : order) {
        var measured = side.measurement().measure();
        figures.put(side.name(), measured);
        table.row(Integer.toString(round), side.name(), measured);
      }
      outcome.add(figures);
    }
    table.end(outcome);
    return outcome;
  }
}
