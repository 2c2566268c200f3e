package io.outboxrelay.publish;

/**
 * Quotes a text as one word of a shell command, so that a remedy copied into a terminal cannot run
 * text that came from an event.
 */
public final class ShellWord {
  private ShellWord() {}

  /**
   * Quotes {@code text} for POSIX shells; a text with control characters needs bash, ksh or zsh.
   */
  public static String of(String text) {
    if (text.matches("[A-Za-z0-9_./:,][A-Za-z0-9_./:,@+-]*")) {
      return text;
    }
    return text.codePoints().noneMatch(ShellWord::isControl)
        ? "'" + text.replace("'", "'\\''") + "'"
        : withEscapes(text);
  }

  /** Returns true for a character that a terminal could interpret or display as something else. */
  private static boolean isControl(int character) {
    int type = Character.getType(character);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR;
  }

  private static String withEscapes(String text) {
    var word = new StringBuilder("$'");
    text.codePoints()
        .forEach(
            character -> {
              if (isControl(character)) {
                word.append(String.format("\\U%08x", character));
              } else {
                if (character == '\'' || character == '\\') {
                  word.append('\\');
                }
                word.appendCodePoint(character);
              }
            });
    return word.append('\'').toString();
  }
}
