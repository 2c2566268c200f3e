package io.outboxrelay.settings;

import java.util.Collection;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One value of the configuration before it is parsed.
 *
 * @param shown the form for error messages, in which the password of an address is hidden
 */
record RawValue(String text, String shown) {
  private static final Pattern PLAIN = Pattern.compile("-?\\d+(\\.\\d+)?|true|false");

  /** Matches the password in an address such as {@code amqp://user:password@host}. */
  private static final Pattern PASSWORD =
      Pattern.compile("(?<=:)(?!//).*(?=@)|(?<=password=)[^&]*");

  /** Returns a value of the file as text; the parts of a list are joined with commas. */
  static RawValue of(Object given) {
    String text =
        given instanceof Collection<?> list
            ? list.stream().map(Objects::toString).collect(Collectors.joining(","))
            : given.toString();
    return new RawValue(text, quoted(text));
  }

  static String quoted(String text) {
    return PLAIN.matcher(text).matches()
        ? text
        : '"' + PASSWORD.matcher(text).replaceAll(Secret.HIDDEN) + '"';
  }
}
