package io.outboxrelay.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;

/** Collects the reasons for which a configuration is refused. */
public final class SettingProblems {
  private SettingProblems() {}

  /** Returns the messages by the keys of their settings; none if {@code reading} succeeds. */
  public static Map<String, String> of(Runnable reading) {
    try {
      reading.run();
    } catch (InvalidSettingsException e) {
      var problems = new HashMap<String, String>();
      for (SettingProblem problem : e.problems()) {
        assertThat(problems.put(problem.key(), problem.message())).isNull();
      }
      return problems;
    }
    return Map.of();
  }
}
