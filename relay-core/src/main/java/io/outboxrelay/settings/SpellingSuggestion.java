package io.outboxrelay.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * Guesses which known setting an unknown one was meant to be.
 *
 * <p>Tries in this order: a name with equal letters but other separators or capitals ({@code
 * bootstrapServers}), a name that differs in few letters, an equal name in another section.
 */
final class SpellingSuggestion {
  private static final LevenshteinDistance EDIT_DISTANCE = LevenshteinDistance.getDefaultInstance();
  private static final int TOLERATED = 3;

  private SpellingSuggestion() {}

  static Optional<String> of(String unknown, Collection<String> known) {
    return nearest(unknown, known).or(() -> onlyOneNamedAlike(unknown, known));
  }

  private static Optional<String> nearest(String unknown, Collection<String> known) {
    return known.stream()
        .filter(candidate -> distance(unknown, candidate) <= TOLERATED)
        .min(
            Comparator.comparingInt((String candidate) -> distance(unknown, candidate))
                .thenComparing(candidate -> EDIT_DISTANCE.apply(unknown, candidate)));
  }

  private static Optional<String> onlyOneNamedAlike(String unknown, Collection<String> known) {
    var alike =
        known.stream()
            .filter(candidate -> lettersOf(last(candidate)).equals(lettersOf(last(unknown))))
            .toList();
    return alike.size() == 1 ? Optional.of(alike.get(0)) : Optional.empty();
  }

  /**
   * Returns the number of letters that differ after the sections that both names share. The number
   * is increased for short names, because few different letters make a short name another word.
   */
  private static int distance(String unknown, String candidate) {
    int shared = sharedSections(unknown, candidate);
    String one = lettersOf(unknown.substring(shared));
    int strictness = one.length() < 4 ? 2 : one.length() < 9 ? 1 : 0;
    int edits = EDIT_DISTANCE.apply(one, lettersOf(candidate.substring(shared)));
    return edits == 0 ? 0 : edits + strictness;
  }

  private static int sharedSections(String one, String other) {
    int shared = 0;
    for (int i = 0; i < Math.min(one.length(), other.length()); i++) {
      if (one.charAt(i) != other.charAt(i)) {
        break;
      }
      if (one.charAt(i) == '.') {
        shared = i + 1;
      }
    }
    return shared;
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  private static String lettersOf(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }
}
