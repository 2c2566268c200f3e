package io.outboxrelay.messageformat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Parses texts as URI references, and percent-encodes the characters that no URI may have. */
final class UriReference {
  private static final String LEGAL =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%";

  private UriReference() {}

  /**
   * Parses a text. A space, for example, is encoded, so {@code /order items} becomes {@code
   * /order%20items}.
   *
   * @throws URISyntaxException if the encoded text is not a URI reference
   */
  static URI parse(String text) throws URISyntaxException {
    return new URI(encoded(text));
  }

  static boolean isValid(String text) {
    try {
      parse(text);
      return true;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static String encoded(String text) {
    if (text.chars().allMatch(character -> LEGAL.indexOf(character) >= 0)) {
      return text;
    }
    var encoded = new StringBuilder(text.length() + 16);
    for (byte octet : text.getBytes(UTF_8)) {
      char character = (char) (octet & 0xff);
      if (LEGAL.indexOf(character) >= 0) {
        encoded.append(character);
      } else {
        encoded.append(String.format(Locale.ROOT, "%%%02X", octet));
      }
    }
    return encoded.toString();
  }
}
