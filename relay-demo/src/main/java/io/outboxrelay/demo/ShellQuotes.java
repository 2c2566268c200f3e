package io.outboxrelay.demo;

import java.util.regex.Pattern;

/** Text that is one word to a shell. */
final class ShellQuotes {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+=,-]+");

  private ShellQuotes() {}

  static String quote(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
