package io.outboxrelay.publish;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text, mostly a destination's name, with placeholders for an event's columns and headers, such
 * as {@code ${aggregate_type}.events} or {@code ${headers.tenant}-orders}.
 */
public final class Template {
  private static final Pattern PLACE = Pattern.compile("\\$\\{([^}]*)}");
  private static final Pattern TYPES = Pattern.compile("\\$\\{(aggregate_type|event_type)}");
  private static final String COLUMNS =
      "aggregate_type, aggregate_id, event_type, id, seq or headers.<name>";

  private final String text;
  private final List<Function<OutboxEvent, @Nullable String>> parts;

  private Template(String text, List<Function<OutboxEvent, @Nullable String>> parts) {
    this.text = text;
    this.parts = parts;
  }

  /**
   * Parses a template.
   *
   * @throws IllegalArgumentException if a placeholder names no column; the message is for the user
   */
  public static Template parse(String text) {
    var parts = new ArrayList<Function<OutboxEvent, @Nullable String>>();
    var matcher = PLACE.matcher(text);
    int end = 0;
    while (matcher.find()) {
      literal(text.substring(end, matcher.start()), parts);
      parts.add(column(matcher.group(1)));
      end = matcher.end();
    }
    literal(text.substring(end), parts);
    return new Template(text, List.copyOf(parts));
  }

  private static void literal(String text, List<Function<OutboxEvent, @Nullable String>> parts) {
    if (text.contains("${")) {
      throw new IllegalArgumentException("has a ${ that is never closed");
    }
    if (!text.isEmpty()) {
      parts.add(event -> text);
    }
  }

  private static Function<OutboxEvent, @Nullable String> column(String name) {
    return switch (name) {
      case "aggregate_type" -> OutboxEvent::aggregateType;
      case "aggregate_id" -> OutboxEvent::aggregateId;
      case "event_type" -> OutboxEvent::eventType;
      case "id" -> event -> event.id().toString();
      case "seq" -> event -> Long.toString(event.seq());
      default -> {
        if (name.startsWith("headers.") && name.length() > "headers.".length()) {
          String header = name.substring("headers.".length());
          yield event -> event.headers().get(header);
        }
        throw new IllegalArgumentException(
            "names the column " + name + ", which does not exist; write " + COLUMNS);
      }
    };
  }

  /** Returns true if the template has no placeholder. */
  public boolean isConstant() {
    return text.indexOf("${") < 0;
  }

  /** Returns true if the text depends only on the aggregate type and the event type. */
  public boolean isByType() {
    return TYPES.matcher(text).replaceAll("").indexOf("${") < 0;
  }

  /**
   * Returns the text for one event.
   *
   * @throws PublishException.Rejected if the event lacks a header that the template names
   */
  public String of(OutboxEvent event) {
    String result = ifComplete(event);
    if (result == null) {
      throw new PublishException.Rejected(
          "the destination " + text + " names a header that the event does not have", null);
    }
    return result;
  }

  /**
   * Returns the text for one event; null if the event lacks a header that the template names. For
   * destinations, use {@link #of}.
   */
  public @Nullable String ifComplete(OutboxEvent event) {
    if (parts.size() == 1) {
      return parts.get(0).apply(event);
    }
    var result = new StringBuilder(text.length() + 16);
    for (var part : parts) {
      String value = part.apply(event);
      if (value == null) {
        return null;
      }
      result.append(value);
    }
    return result.toString();
  }

  /** Returns the template as it was written. */
  @Override
  public String toString() {
    return text;
  }
}
