package io.outboxrelay.app;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The names in a PromQL expression.
 *
 * @param selectors the names of time series, each with the labels of its selector
 * @param grouped the labels by which the expression groups
 */
record Expression(Map<String, Set<String>> selectors, Set<String> grouped) {
  private static final Pattern TEXT = Pattern.compile("\"[^\"]*\"");
  private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");
  private static final Pattern OFFSET = Pattern.compile("\\boffset\\s+\\w+");
  private static final Pattern GROUPING = Pattern.compile("\\b(?:by|without|on)\\s*\\(([^)]*)\\)");
  private static final Pattern SELECTOR =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(\\(|\\{([^}]*)})?");
  private static final Set<String> WORDS = Set.of("or", "and", "unless", "bool", "offset");

  static Expression of(String expression) {
    String text = OFFSET.matcher(TEXT.matcher(expression).replaceAll("")).replaceAll("");
    String bare = RANGE.matcher(text).replaceAll("");
    var grouped = new TreeSet<String>();
    GROUPING.matcher(bare).results().forEach(group -> addNames(group.group(1), grouped));
    var selectors = new TreeMap<String, Set<String>>();
    SELECTOR
        .matcher(GROUPING.matcher(bare).replaceAll(""))
        .results()
        .filter(found -> !"(".equals(found.group(2)) && !WORDS.contains(found.group(1)))
        .forEach(
            found -> {
              var labels = selectors.computeIfAbsent(found.group(1), name -> new HashSet<>());
              if (found.group(3) != null) {
                addNames(found.group(3).replaceAll("[=!~]+", ""), labels);
              }
            });
    return new Expression(selectors, grouped);
  }

  private static void addNames(String list, Set<String> into) {
    for (String name : list.split(",")) {
      if (!name.isBlank()) {
        into.add(name.strip());
      }
    }
  }
}
