package io.outboxrelay.publish;

import io.outboxrelay.settings.Settings;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Computes for each event the name of its destination, or a part of that name. If a header is
 * configured and the event has it, the header is the name. Otherwise a template gives the name, and
 * a regular expression may rewrite it.
 */
public final class DestinationName {
  private final Template template;
  private final @Nullable RegexRoute route;
  private final @Nullable String header;

  private DestinationName(Template template, @Nullable RegexRoute route, @Nullable String header) {
    this.template = template;
    this.route = route;
    this.header = header;
  }

  /** Returns the name that a template gives. */
  public static DestinationName of(Template template) {
    return new DestinationName(template, null, null);
  }

  /**
   * Reads the settings {@code key}, {@code key-regex}, {@code key-replacement} and {@code
   * key-header}.
   *
   * @param orElse the template that is used if {@code key} is not set
   */
  public static DestinationName from(Settings in, String key, String orElse) {
    return new DestinationName(
        in.template(key, Template::parse, orElse),
        route(in, key + "-regex", key + "-replacement").orElse(null),
        in.optionalText(key + "-header").orElse(null));
  }

  private static Optional<RegexRoute> route(Settings in, String regexKey, String replacementKey) {
    var regex = in.optionalParsed(regexKey, RegexRoute::regex);
    boolean isRegexGiven = in.optionalText(regexKey).isPresent();
    var replacement =
        in.template(replacementKey, text -> regex.map(given -> RegexRoute.of(given, text)), "");
    boolean isReplacementGiven = !in.template(replacementKey, text -> text, "").isEmpty();
    in.require(
        !isRegexGiven || isReplacementGiven, replacementKey, "is missing beside " + regexKey);
    in.require(
        isRegexGiven || !isReplacementGiven, regexKey, "is missing beside " + replacementKey);
    return isReplacementGiven ? replacement : Optional.empty();
  }

  /**
   * Returns the name for one event.
   *
   * @throws PublishException.Rejected if the event lacks a header that the template names
   */
  public String of(OutboxEvent event) {
    if (header != null) {
      String explicit = event.headers().get(header);
      if (explicit != null) {
        return explicit;
      }
    }
    String name = template.of(event);
    return route == null ? name : route.of(name);
  }

  /** Returns the name if it is equal for all events; empty if it depends on the event. */
  public Optional<String> only() {
    if (header != null || !template.isConstant()) {
      return Optional.empty();
    }
    return Optional.of(route == null ? template.toString() : route.of(template.toString()));
  }

  /** Returns true if the name depends only on the aggregate type and the event type. */
  public boolean isByType() {
    return header == null && template.isByType();
  }

  /** Returns the name in the words of the configuration. */
  @Override
  public String toString() {
    return (template.toString().isEmpty() ? "\"\"" : template)
        + (route == null ? "" : " by the regular expression " + route)
        + (header == null ? "" : ", or the event's header " + header);
  }
}
