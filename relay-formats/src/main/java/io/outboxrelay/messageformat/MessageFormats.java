package io.outboxrelay.messageformat;

import io.outboxrelay.publish.PerDestination;
import io.outboxrelay.settings.Settings;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The format of each destination's messages: the settings {@code format}, {@code format-for} and
 * {@code cloudevents} of a broker's section.
 */
public final class MessageFormats {
  private final PerDestination<MessageFormat> formats;
  private final @Nullable CloudEventsConfig cloudEvents;

  private MessageFormats(
      PerDestination<MessageFormat> formats, @Nullable CloudEventsConfig cloudEvents) {
    this.formats = formats;
    this.cloudEvents = cloudEvents;
  }

  /** Reads the section of a broker. */
  public static MessageFormats from(Settings in) {
    var formats = PerDestination.from(in, "format", MessageFormat.RAW);
    boolean isUsed =
        formats.mayBe(MessageFormat.CLOUDEVENTS_BINARY)
            || formats.mayBe(MessageFormat.CLOUDEVENTS_STRUCTURED);
    var section = in.section("cloudevents");
    if (!isUsed) {
      section.refuse("is not used: no destination has the format cloudevents-…");
    }
    return new MessageFormats(formats, isUsed ? CloudEventsConfig.from(section) : null);
  }

  /** Returns true if destinations may differ in format, so that {@link #of} needs the name. */
  public boolean isByDestination() {
    return formats.isByDestination();
  }

  /** Returns the format of the messages to {@code destination}. */
  public MessageFormat of(String destination) {
    return formats.of(destination);
  }

  /** Returns an encoder for one thread; empty if every format is {@link MessageFormat#RAW}. */
  public Optional<CloudEventEncoder> newEncoder() {
    return Optional.ofNullable(cloudEvents).map(CloudEventEncoder::new);
  }

  /** Returns a part of a sentence that names the formats; empty if all messages are raw. */
  public String phrase() {
    return cloudEvents == null ? "" : ", format " + this;
  }

  /**
   * Returns the formats in the words of the configuration, such as {@code raw, audit.*
   * cloudevents-binary}.
   */
  @Override
  public String toString() {
    return formats.toString();
  }
}
