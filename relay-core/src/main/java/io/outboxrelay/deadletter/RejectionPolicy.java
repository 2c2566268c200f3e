package io.outboxrelay.deadletter;

import io.outboxrelay.settings.Settings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Chooses the action for rejected events by destination: the settings {@code relay.on-rejected} and
 * {@code relay.on-rejected-for}.
 *
 * <p>If several patterns match, the longest one counts.
 */
public final class RejectionPolicy {
  private final RejectionAction otherwise;
  private final List<Rule> rules;

  private record Rule(DestinationPattern pattern, RejectionAction then) {}

  private RejectionPolicy(RejectionAction otherwise, List<Rule> rules) {
    this.otherwise = otherwise;
    this.rules = rules;
  }

  /** Returns a policy with one action for all destinations. */
  public static RejectionPolicy always(RejectionAction then) {
    return new RejectionPolicy(then, List.of());
  }

  /** Reads the settings of the section {@code relay}. */
  public static RejectionPolicy from(Settings in) {
    var otherwise = in.choice("on-rejected", RejectionAction.PARK);
    var section = in.section("on-rejected-for");
    var rules = new ArrayList<Rule>();
    section
        .rest()
        .forEach(
            (pattern, then) -> {
              var choice = choice(then);
              section.require(choice.isPresent(), pattern, "must be " + choices());
              choice.ifPresent(
                  chosen -> rules.add(new Rule(DestinationPattern.of(pattern), chosen)));
            });
    rules.sort(Comparator.comparingInt((Rule rule) -> rule.pattern.text().length()).reversed());
    return new RejectionPolicy(otherwise, List.copyOf(rules));
  }

  private static Optional<RejectionAction> choice(String text) {
    return Stream.of(RejectionAction.values())
        .filter(value -> written(value).equals(text))
        .findAny();
  }

  private static String choices() {
    return Stream.of(RejectionAction.values())
        .map(RejectionPolicy::written)
        .collect(Collectors.joining(", "));
  }

  private static String written(RejectionAction value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** Returns the policy in the words of the configuration, such as {@code park, audit.* skip}. */
  @Override
  public String toString() {
    return Stream.concat(
            Stream.of(written(otherwise)),
            rules.stream().map(rule -> rule.pattern.text() + " " + written(rule.then)))
        .collect(Collectors.joining(", "));
  }

  /** Returns the action for a rejected event that goes to {@code destination}. */
  public RejectionAction at(String destination) {
    for (var rule : rules) {
      if (rule.pattern.fits(destination)) {
        return rule.then;
      }
    }
    return otherwise;
  }
}
