package io.outboxrelay.outbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SQL with placeholders such as {@code ${outbox}}, kept in a resource file.
 *
 * @param text the SQL with its placeholders
 */
record SqlTemplate(String text) {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(\\w+)}");

  /** Reads a resource file from the package of this class. */
  static SqlTemplate ofResource(String name) {
    try (var resource = SqlTemplate.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new IllegalStateException("the resource " + name + " is missing");
      }
      return new SqlTemplate(new String(resource.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns the SQL with each placeholder replaced. Values are inserted unchanged, so they must be
   * quoted.
   */
  String with(Map<String, String> values) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(placeholder -> Matcher.quoteReplacement(value(placeholder, values)));
  }

  private static String value(MatchResult placeholder, Map<String, String> values) {
    String value = values.get(placeholder.group(1));
    if (value == null) {
      throw new IllegalArgumentException("no value for the placeholder " + placeholder.group());
    }
    return value;
  }
}
