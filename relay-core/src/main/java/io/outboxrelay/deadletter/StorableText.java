package io.outboxrelay.deadletter;

/** Makes text from outside, such as a broker's answer, storable in the database. */
final class StorableText {
  private static final int MOST_OF_A_REASON = 4_000;

  /**
   * The maximum length of a destination in characters. It is longer than any name of a topic, or of
   * an exchange with a routing key, and short enough for an index.
   */
  private static final int MOST_OF_A_DESTINATION = 600;

  private StorableText() {}

  static String reason(String text) {
    return shortened(withoutNul(text), MOST_OF_A_REASON);
  }

  static String destination(String text) {
    return shortened(withoutNul(text), MOST_OF_A_DESTINATION);
  }

  /**
   * Replaces every character except printable ASCII by a question mark, because the encoding of the
   * database may lack the character.
   */
  static String ascii(String text) {
    return text.replaceAll("[^\\x20-\\x7e]", "?");
  }

  /** Replaces NUL, the only character that PostgreSQL cannot store. */
  private static String withoutNul(String text) {
    return text.indexOf('\0') < 0 ? text : text.replace("\0", "\\0");
  }

  private static String shortened(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
    return text.substring(0, end) + " [cut off here; it had " + text.length() + " characters]";
  }
}
