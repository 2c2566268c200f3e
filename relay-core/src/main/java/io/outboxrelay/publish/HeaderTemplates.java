package io.outboxrelay.publish;

import io.outboxrelay.settings.Settings;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Further headers of each message, filled from the event's columns and headers: the section {@code
 * headers} of a broker.
 */
public final class HeaderTemplates {
  private final Set<String> names;
  private final List<Map.Entry<String, Template>> templates;

  private HeaderTemplates(Map<String, Template> templates) {
    this.names = Set.copyOf(templates.keySet());
    this.templates = List.copyOf(templates.entrySet());
  }

  /**
   * Reads the section.
   *
   * @param reserved the names that a broker module gives to headers of its own
   */
  public static HeaderTemplates from(Settings in, Collection<String> reserved) {
    var templates = in.templates(Template::parse);
    for (String name : templates.keySet()) {
      in.require(!reserved.contains(name), name, "is a header of the relay's own; choose another");
    }
    return new HeaderTemplates(templates);
  }

  /** Returns true if there are none. */
  public boolean isEmpty() {
    return names.isEmpty();
  }

  /** Returns true if a header of this name is configured, which replaces the event's own. */
  public boolean has(String name) {
    return names.contains(name);
  }

  /** Adds a header to a message. */
  public interface Sink {
    void add(String name, String value);
  }

  /** Passes the headers of one event on; leaves out those that need a header that it lacks. */
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
