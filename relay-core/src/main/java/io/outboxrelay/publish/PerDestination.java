package io.outboxrelay.publish;

import io.outboxrelay.settings.Settings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A setting that can differ between destinations. The setting {@code key} holds the choice for all
 * destinations, and the section {@code key-for} holds exceptions by {@link DestinationPattern}.
 *
 * <p>If several patterns match a destination, the longest pattern counts.
 */
public final class PerDestination<E extends Enum<E>> {
  private final E otherwise;
  private final List<Rule<E>> rules;

  private record Rule<E>(DestinationPattern pattern, E choice) {}

  private PerDestination(E otherwise, List<Rule<E>> rules) {
    this.otherwise = otherwise;
    this.rules = rules;
  }

  /** Returns one choice for all destinations. */
  public static <E extends Enum<E>> PerDestination<E> always(E choice) {
    return new PerDestination<>(choice, List.of());
  }

  /**
   * Reads the setting {@code key} and the section {@code key-for} of {@code in}.
   *
   * @param orElse the choice for all destinations if {@code key} is not set
   */
  public static <E extends Enum<E>> PerDestination<E> from(Settings in, String key, E orElse) {
    var type = orElse.getDeclaringClass();
    var otherwise = in.choice(key, orElse);
    var section = in.section(key + "-for");
    var rules = new ArrayList<Rule<E>>();
    section
        .rest()
        .forEach(
            (pattern, text) -> {
              var choice = choice(type, text.trim());
              section.require(choice.isPresent(), pattern, "must be " + choices(type));
              choice.ifPresent(
                  chosen -> rules.add(new Rule<>(DestinationPattern.of(pattern), chosen)));
            });
    rules.sort(Comparator.comparingInt((Rule<E> rule) -> rule.pattern.text().length()).reversed());
    return new PerDestination<>(otherwise, List.copyOf(rules));
  }

  private static <E extends Enum<E>> Optional<E> choice(Class<E> type, String text) {
    return Stream.of(type.getEnumConstants())
        .filter(value -> written(value).equals(text))
        .findAny();
  }

  private static <E extends Enum<E>> String choices(Class<E> type) {
    return Stream.of(type.getEnumConstants())
        .map(PerDestination::written)
        .collect(Collectors.joining(", "));
  }

  private static String written(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns true if the choice depends on the destination. */
  public boolean isByDestination() {
    return !rules.isEmpty();
  }

  /** Returns the choice for {@code destination}. */
  public E of(String destination) {
    for (var rule : rules) {
      if (rule.pattern.fits(destination)) {
        return rule.choice;
      }
    }
    return otherwise;
  }

  /** Returns true if {@code choice} is configured for any destination. */
  public boolean mayBe(E choice) {
    return otherwise == choice || rules.stream().anyMatch(rule -> rule.choice == choice);
  }

  /** Returns the choices in the words of the configuration, such as {@code park, audit.* skip}. */
  @Override
  public String toString() {
    return Stream.concat(
            Stream.of(written(otherwise)),
            rules.stream().map(rule -> rule.pattern.text() + " " + written(rule.choice)))
        .collect(Collectors.joining(", "));
  }
}
