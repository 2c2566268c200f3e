package io.outboxrelay.admin;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Validates the percent-encoding of a request's address, because the HTTP libraries do not report
 * an invalid encoding: they guess or fail.
 */
final class PercentCoding {
  private PercentCoding() {}

  /** Returns true if {@code address} is ASCII and its percent-encoded bytes are valid UTF-8. */
  static boolean isValid(String address) {
    var bytes = new ByteArrayOutputStream(address.length());
    for (int i = 0; i < address.length(); i++) {
      char at = address.charAt(i);
      if (at <= ' ' || at >= 0x7f) {
        return false;
      }
      if (at != '%') {
        bytes.write(at);
        continue;
      }
      boolean isWhole = i + 2 < address.length();
      int high = isWhole ? Character.digit(address.charAt(i + 1), 16) : -1;
      int low = isWhole ? Character.digit(address.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        return false;
      }
      bytes.write(high << 4 | low);
      i += 2;
    }
    try {
      var unused = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray()));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
