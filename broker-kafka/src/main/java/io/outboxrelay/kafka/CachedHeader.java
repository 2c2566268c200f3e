package io.outboxrelay.kafka;

/**
 * A header whose text is mostly the same as the one before.
 *
 * <p>For one thread.
 */
final class CachedHeader {
  private final String key;
  private String text = "";
  private MessageHeader header;

  CachedHeader(String key) {
    this.key = key;
    this.header = new MessageHeader(key, text);
  }

  /** The header with this text. */
  MessageHeader of(String text) {
    if (!text.equals(this.text)) {
      this.text = text;
      this.header = new MessageHeader(key, text);
    }
    return header;
  }
}
