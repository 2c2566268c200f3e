package io.outboxrelay.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.kafka.common.header.Header;

/**
 * An immutable header. Kafka's own class is safe for several threads, which costs time for each
 * header.
 */
final class MessageHeader implements Header {
  private final String key;
  private final byte[] value;

  MessageHeader(String key, byte[] value) {
    this.key = key;
    this.value = value;
  }

  MessageHeader(String key, String text) {
    this(key, text.getBytes(UTF_8));
  }

  @Override
  public String key() {
    return key;
  }

  @Override
  public byte[] value() {
    return value;
  }
}
