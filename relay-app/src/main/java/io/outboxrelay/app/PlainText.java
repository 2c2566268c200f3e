package io.outboxrelay.app;

/**
 * Escapes text of events before it is shown. Control characters could forge a line of a log, colour
 * or retitle a terminal, or change the order in which text is shown.
 */
final class PlainText {
  private PlainText() {}

  /**
   * Returns the text on one line: line breaks and tabs are written as {@code \n}, {@code \r} and
   * {@code \t}.
   */
  static String line(String text) {
    return escaped(text, false);
  }

  /** Returns the text with its line feeds and tabs; all other harmful characters are escaped. */
  static String lines(String text) {
    return escaped(text, true);
  }

  /**
   * Returns the text with its line feeds and tabs. All lines except the first are indented, so that
   * none of them looks like a line of the log.
   */
  static String indented(String text) {
    String lines = lines(text);
    return lines.indexOf('\n') < 0 ? lines : lines.replaceAll("\n(?=[^ \t\n])", "\n  ");
  }

  private static String escaped(String text, boolean breaks) {
    int first = 0;
    while (first < text.length() && !isHarmful(text.charAt(first), breaks)) {
      first++;
    }
    if (first == text.length()) {
      return text;
    }
    var plain = new StringBuilder(text.length() + 16).append(text, 0, first);
    for (int i = first; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isHarmful(c, breaks)) {
        escape(plain, c);
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  private static void escape(StringBuilder plain, char c) {
    switch (c) {
      case '\n' -> plain.append("\\n");
      case '\r' -> plain.append("\\r");
      case '\t' -> plain.append("\\t");
      default -> plain.append(String.format("\\u%04x", (int) c));
    }
  }

  /**
   * Returns true for control characters, and for characters that are invisible, separate lines or
   * reverse the order of text.
   *
   * @param breaks true if line feeds and tabs are not harmful
   */
  private static boolean isHarmful(char c, boolean breaks) {
    if (c >= ' ' && c < 0x7f) {
      return false;
    }
    if (c == '\n' || c == '\t') {
      return !breaks;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
