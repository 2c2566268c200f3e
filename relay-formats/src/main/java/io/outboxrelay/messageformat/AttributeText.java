package io.outboxrelay.messageformat;

import io.outboxrelay.publish.PublishException.Rejected;

/** The rule of CloudEvents for the text of attributes. */
final class AttributeText {
  private AttributeText() {}

  /**
   * Returns {@code text} unchanged.
   *
   * @throws Rejected if it has a character that no attribute may have: a control character, half of
   *     a surrogate pair, or a noncharacter of Unicode
   */
  static String checked(String attribute, String text) {
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (character < ' ' || character >= 0x7f) {
        int codePoint = text.codePointAt(i);
        if (isForbidden(codePoint)) {
          throw new Rejected(
              "its CloudEvents attribute %s has the character U+%04X, which no attribute may have"
                  .formatted(attribute, codePoint),
              null);
        }
        i += Character.charCount(codePoint) - 1;
      }
    }
    return text;
  }

  private static boolean isForbidden(int codePoint) {
    return Character.isISOControl(codePoint)
        || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE)
        || (codePoint >= 0xfdd0 && codePoint <= 0xfdef)
        || (codePoint & 0xfffe) == 0xfffe;
  }
}
