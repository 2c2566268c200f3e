package io.outboxrelay.debezium;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The relay's settings that were derived from Debezium's properties, and the remarks on them. */
public final class ImportedConfig {
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final List<ImportNote> notes = new ArrayList<>();

  void set(String key, String value) {
    settings.put(key, value);
  }

  void note(DebeziumProperties.Property property, ImportNote.Kind kind, String text) {
    notes.add(new ImportNote(property.line(), property.name(), kind, text));
  }

  void notNeeded(DebeziumProperties.Property property, String text) {
    note(property, ImportNote.Kind.NOT_NEEDED, text);
  }

  void changed(DebeziumProperties.Property property, String text) {
    note(property, ImportNote.Kind.CHANGED, text);
  }

  void noCounterpart(DebeziumProperties.Property property, String text) {
    note(property, ImportNote.Kind.NO_COUNTERPART, text);
  }

  /** Returns the settings by their full names. */
  public Map<String, String> settings() {
    return new LinkedHashMap<>(settings);
  }

  /** Returns the remarks in the order of Debezium's file. */
  public List<ImportNote> notes() {
    return notes.stream().sorted(Comparator.comparingInt(ImportNote::line)).toList();
  }

  /** Returns the settings as a configuration file. */
  public String yaml() {
    return settings.entrySet().stream()
        .map(entry -> key(entry.getKey()) + ": " + quoted(entry.getValue()) + "\n")
        .collect(Collectors.joining());
  }

  private static String key(String name) {
    return name.matches("[A-Za-z0-9._-]+") ? name : quoted(name);
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
