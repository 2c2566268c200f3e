package io.outboxrelay.settings;

import io.outboxrelay.format.CountFormat;
import java.util.List;

/** Reports all mistakes of a configuration, with a message that lists them for the user. */
public final class InvalidSettingsException extends RuntimeException {
  /**
   * The maximum width, in characters, to which names of settings are padded in the message. A
   * longer name is not padded, so that it does not move the messages of all others to the right.
   */
  private static final int WIDEST = 60;

  private final List<SettingProblem> problems;

  InvalidSettingsException(String source, List<SettingProblem> problems) {
    super(describe(source, problems), null, false, false);
    this.problems = List.copyOf(problems);
  }

  public List<SettingProblem> problems() {
    return problems;
  }

  private static String describe(String source, List<SettingProblem> problems) {
    int width =
        problems.stream()
            .mapToInt(problem -> subject(problem).length())
            .filter(length -> length <= WIDEST)
            .max()
            .orElse(0);
    var text = new StringBuilder(source).append(" has ");
    text.append(CountFormat.of(problems.size(), "problem")).append(", so nothing was started:");
    for (var problem : problems) {
      String subject = subject(problem);
      text.append("\n  ").append(subject).append(" ".repeat(Math.max(0, width - subject.length())));
      text.append("   ").append(problem.message());
    }
    return text.toString();
  }

  private static String subject(SettingProblem problem) {
    return problem.seen().isEmpty() ? problem.key() : problem.key() + " = " + problem.seen();
  }
}
