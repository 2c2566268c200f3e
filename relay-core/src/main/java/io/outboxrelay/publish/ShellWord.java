package io.outboxrelay.publish;

/**
 * Text as one word of a line for a shell: a remedy that is copied and pasted runs nothing that an
 * event put into it.
 */
public final class ShellWord {
  private ShellWord() {}

  /** Quotes {@code text} for the shells of POSIX; control characters need bash, ksh or zsh. */
  public static String of(String text) {
    if (text.matches("[A-Za-z0-9_./:,][A-Za-z0-9_./:,@+-]*")) {
      return text;
    }
    return text.codePoints().noneMatch(ShellWord::isControl)
        ? "'" + text.replace("'", "'\\''") + "'"
        : withEscapes(text);
  }

  /** What a terminal could take for a command, or show as something else. */
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
