package io.outboxrelay.messageformat;

import io.outboxrelay.debeziumformat.DebeziumEncoder;
import io.outboxrelay.debeziumformat.DebeziumFormat;
import io.outboxrelay.publish.PerDestination;
import io.outboxrelay.settings.Settings;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The format of each destination's messages: the settings {@code format}, {@code format-for} and
 * {@code cloudevents} of a broker's section. The layout of the table decides the default.
 */
public final class MessageFormats {
  private final PerDestination<MessageFormat> formats;
  private final @Nullable CloudEventsConfig cloudEvents;
  private final @Nullable DebeziumFormat debezium;

  private MessageFormats(
      PerDestination<MessageFormat> formats,
      @Nullable CloudEventsConfig cloudEvents,
      @Nullable DebeziumFormat debezium) {
    this.formats = formats;
    this.cloudEvents = cloudEvents;
    this.debezium = debezium;
  }

  /** Reads the section of a broker. */
  public static MessageFormats from(Settings in) {
    var layout = DebeziumFormat.from(in.root());
    var formats =
        PerDestination.from(
            in, "format", layout.isPresent() ? MessageFormat.DEBEZIUM : MessageFormat.RAW);
    boolean isDebezium = formats.mayBe(MessageFormat.DEBEZIUM);
    in.require(
        layout.isPresent() || !isDebezium,
        "format",
        "is debezium, which needs outbox.layout: debezium");
    boolean isUsed =
        formats.mayBe(MessageFormat.CLOUDEVENTS_BINARY)
            || formats.mayBe(MessageFormat.CLOUDEVENTS_STRUCTURED);
    var section = in.section("cloudevents");
    if (!isUsed) {
      section.refuse("is not used: no destination has the format cloudevents-…");
    }
    return new MessageFormats(
        formats,
        isUsed ? CloudEventsConfig.from(section) : null,
        isDebezium ? layout.orElse(null) : null);
  }

  /**
   * Returns the default template of destinations. If the table has the layout of Debezium's router,
   * it is the default of that router.
   */
  public static String defaultDestination(Settings in) {
    return DebeziumFormat.from(in.root()).isPresent()
        ? "outbox.event.${aggregate_type}"
        : "${aggregate_type}.events";
  }

  /** Returns true if all messages are {@link MessageFormat#RAW}. */
  public boolean areRaw() {
    return cloudEvents == null && debezium == null;
  }

  /**
   * Returns true if the formats of two destinations may differ, so that {@link #of} needs the name.
   */
  public boolean isByDestination() {
    return formats.isByDestination();
  }

  /** Returns the format of the messages to {@code destination}. */
  public MessageFormat of(String destination) {
    return formats.of(destination);
  }

  /** Returns an encoder for one thread; empty if no format is one of CloudEvents. */
  public Optional<CloudEventEncoder> newEncoder() {
    return Optional.ofNullable(cloudEvents).map(CloudEventEncoder::new);
  }

  /** Returns an encoder for one thread; empty if no format is {@link MessageFormat#DEBEZIUM}. */
  public Optional<DebeziumEncoder> newDebeziumEncoder() {
    return Optional.ofNullable(debezium).map(DebeziumFormat::newEncoder);
  }

  /** Returns a part of a sentence that names the formats; empty if all messages are raw. */
  public String phrase() {
    return areRaw() ? "" : ", format " + this;
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
