package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExpressionTest {
  @Test
  void namesAndLabelsAreFound() {
    var expression =
        Expression.of(
            "histogram_quantile(0.9, sum by (le, shard) (rate(a_bucket{job=~\"x y\",b!=\"c\"}[5m])))"
                + " > on (le) 2 * max_over_time(d[1h]) or vector(0)");
    assertThat(expression.selectors())
        .isEqualTo(Map.of("a_bucket", Set.of("job", "b"), "d", Set.of()));
    assertThat(expression.grouped()).containsExactly("le", "shard");
  }
}
