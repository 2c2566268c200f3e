package io.outboxrelay.app;

import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.settings.SettingProblem;
import io.outboxrelay.settings.Settings;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The section of a known broker that is not chosen.
 *
 * @param name the name of the broker
 * @param problems the mistakes that the section would have if the broker were chosen
 */
record UnusedSection(String name, List<SettingProblem> problems) {
  UnusedSection {
    problems = List.copyOf(problems);
  }

  /** Reads the section of {@code provider} without using it; empty if the section is not given. */
  static Optional<UnusedSection> of(PublisherProvider provider, Settings root) {
    var section = root.section(provider.name());
    if (!section.isGiven()) {
      return Optional.empty();
    }
    var own = section.passOver();
    provider.configure(own);
    return Optional.of(new UnusedSection(provider.name(), own.mistakes()));
  }

  /**
   * Returns the mistakes as findings of the command {@code check}. They are only warnings, because
   * they have no effect while the broker is not chosen.
   */
  Stream<Finding> findings() {
    return problems.stream()
        .map(
            problem ->
                Finding.warning(
                    ("%s %s; the section %s is not read, because the setting broker names"
                            + " another broker")
                        .formatted(written(problem), problem.message(), name),
                    "correct it: with broker: " + name + " the relay would not start"));
  }

  private static String written(SettingProblem problem) {
    return problem.seen().isEmpty() ? problem.key() : problem.key() + " = " + problem.seen();
  }
}
