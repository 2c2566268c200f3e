package io.outboxrelay.deadletter;

/** Makes text from outside, such as a broker's answer, storable in the database. */
final class StorableText {
  private static final int MOST_OF_A_REASON = 4_000;

  /**
   * The most characters of a destination: more than the name of a topic, or of an exchange with a
   * routing key, can have, and few enough for an index.
   */
  private static final int MOST_OF_A_DESTINATION = 600;

  private StorableText() {}

  static String reason(String text) {
    return shortened(withoutNul(text), MOST_OF_A_REASON);
  }

  static String destination(String text) {
    return shortened(withoutNul(text), MOST_OF_A_DESTINATION);
  }

  /** Replaces all characters that the database's encoding may not have. */
  static String ascii(String text) {
    return text.replaceAll("[^\\x20-\\x7e]", "?");
  }

  /** PostgreSQL stores every character except NUL. */
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
