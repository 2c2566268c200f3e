package io.outboxrelay.publish;

import io.outboxrelay.settings.Settings;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The headers that an operator adds to every message in the section {@code headers} of a broker.
 * Their values are filled from the event's columns and headers.
 */
public final class HeaderTemplates {
  private final Set<String> names;
  private final List<Map.Entry<String, Template>> templates;

  private HeaderTemplates(Map<String, Template> templates) {
    this.names = Set.copyOf(templates.keySet());
    this.templates = List.copyOf(templates.entrySet());
  }

  /**
   * Reads the section {@code headers}.
   *
   * @param reserved the names of the headers that the broker module itself adds; they must not be
   *     configured
   */
  public static HeaderTemplates from(Settings in, Collection<String> reserved) {
    var templates = in.templates(Template::parse);
    for (String name : templates.keySet()) {
      in.require(!reserved.contains(name), name, "is a header of the relay's own; choose another");
    }
    return new HeaderTemplates(templates);
  }

  /** Returns true if no header is configured. */
  public boolean isEmpty() {
    return names.isEmpty();
  }

  /**
   * Returns true if a header of this name is configured. The configured header replaces a header of
   * the event with this name.
   */
  public boolean has(String name) {
    return names.contains(name);
  }

  /** Receives the headers and adds each of them to a message. */
  public interface Sink {
    void add(String name, String value);
  }

  /**
   * Adds the headers for one event to its message. A header is left out if its template names an
   * event header that the event lacks.
   */
  public void addTo(OutboxEvent event, Sink sink) {
    for (int i = 0; i < templates.size(); i++) {
      var template = templates.get(i);
      String value = template.getValue().ifComplete(event);
      if (value != null) {
        sink.add(template.getKey(), value);
      }
    }
  }
}
