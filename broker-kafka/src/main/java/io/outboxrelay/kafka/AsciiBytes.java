package io.outboxrelay.kafka;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.UUID;

/** Writes ids and numbers as ASCII text into byte arrays, without creating strings. */
final class AsciiBytes {
  private static final byte[] HEX = "0123456789abcdef".getBytes(US_ASCII);
  private static final int UUID_LENGTH = 36;

  private AsciiBytes() {}

  /** Returns the bytes of {@link UUID#toString}. */
  static byte[] of(UUID id) {
    var text = new byte[UUID_LENGTH];
    long high = id.getMostSignificantBits();
    long low = id.getLeastSignificantBits();
    writeHex(text, 0, high >>> 32, 8);
    text[8] = '-';
    writeHex(text, 9, high >>> 16, 4);
    text[13] = '-';
    writeHex(text, 14, high, 4);
    text[18] = '-';
    writeHex(text, 19, low >>> 48, 4);
    text[23] = '-';
    writeHex(text, 24, low, 12);
    return text;
  }

  /** Writes the lowest {@code digits} hexadecimal digits of {@code value}. */
  private static void writeHex(byte[] text, int from, long value, int digits) {
    long rest = value;
    for (int i = from + digits - 1; i >= from; i--) {
      text[i] = HEX[(int) rest & 0xf];
      rest >>>= 4;
    }
  }

  /** Returns the bytes of {@link Long#toString(long)}. */
  static byte[] of(long number) {
    if (number < 0) {
      // Sequence numbers are rarely negative, so this path may create a string.
      return Long.toString(number).getBytes(US_ASCII);
    }
    int digits = 1;
    for (long rest = number / 10; rest > 0; rest /= 10) {
      digits++;
    }
    var text = new byte[digits];
    long rest = number;
    for (int i = digits - 1; i >= 0; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return text;
  }
}
