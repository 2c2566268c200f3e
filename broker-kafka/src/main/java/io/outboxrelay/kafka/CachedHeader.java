package io.outboxrelay.kafka;

/**
 * Creates a header only if its text differs from the previous one, because consecutive events often
 * share the text.
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

  /** Returns the header with this text. */
  MessageHeader of(String text) {
    if (!text.equals(this.text)) {
      this.text = text;
      this.header = new MessageHeader(key, text);
    }
    return header;
  }
}
