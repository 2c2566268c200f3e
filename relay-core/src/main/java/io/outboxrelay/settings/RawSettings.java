package io.outboxrelay.settings;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The values of the configuration file by their full paths, and the {@link Environment} that
 * overrides them.
 */
final class RawSettings {
  private final NavigableMap<String, RawValue> file = new TreeMap<>();
  private final Set<String> unusable = new HashSet<>();
  private final Environment environment;
  private final boolean isFile;

  RawSettings(Map<String, ?> nested, Environment environment, Consumer<SettingProblem> problems) {
    this.environment = environment;
    this.isFile = true;
    add("", nested, problems);
  }

  /** Creates settings without a file, with the values of the environment only. */
  RawSettings(Environment environment) {
    this.environment = environment;
    this.isFile = false;
  }

  /** Returns true if there is a configuration file. */
  boolean isFile() {
    return isFile;
  }

  private void add(String prefix, Map<?, ?> nested, Consumer<SettingProblem> problems) {
    nested.forEach(
        (key, given) -> {
          String path = prefix + key;
          if (given instanceof Map<?, ?> section) {
            add(path + ".", section, problems);
          } else if (given != null) {
            add(path, RawValue.of(given), problems);
          }
        });
  }

  private void add(String path, RawValue value, Consumer<SettingProblem> problems) {
    try {
      if (file.put(path, Placeholders.filled(value, environment)) != null) {
        problems.accept(new SettingProblem(path, "", "is there twice; keep one of them"));
      }
    } catch (IllegalArgumentException e) {
      file.put(path, value);
      if (environment.override(path).isEmpty()) {
        unusable.add(path);
        problems.accept(new SettingProblem(path, "", String.valueOf(e.getMessage())));
      }
    }
  }

  /** Returns the value at {@code path}; empty if there is none or if the value cannot be used. */
  Optional<RawValue> at(String path) {
    return unusable.contains(path) ? Optional.empty() : raw(path);
  }

  /** Returns the value at {@code path}, even if it cannot be used. It is for error messages. */
  Optional<RawValue> raw(String path) {
    return environment.override(path).or(() -> Optional.ofNullable(file.get(path)));
  }

  /**
   * Returns the paths below {@code prefix} of the file, the variables and the properties. A
   * variable does not tell a path exactly, so a variable that overrides a path in {@code read} or
   * in the file adds no path.
   */
  Set<String> below(String prefix, Set<String> read) {
    var paths = new TreeSet<String>();
    file.tailMap(prefix).keySet().stream()
        .takeWhile(path -> path.startsWith(prefix))
        .forEach(paths::add);
    var explained =
        Stream.concat(read.stream(), paths.stream())
            .map(Environment::variable)
            .collect(Collectors.toSet());
    environment
        .pathsBelow(prefix)
        .filter(
            path ->
                environment.properties().containsKey(Environment.property(path))
                    || !explained.contains(Environment.variable(path)))
        .forEach(paths::add);
    return paths;
  }

  /** Returns the variables and properties that override settings. */
  Stream<String> overrides() {
    return environment.overrides();
  }

  /** Returns true if the file has a value at {@code path} that cannot be used. */
  boolean isUnusable(String path) {
    return unusable.contains(path);
  }

  /**
   * Returns a mistake for each key of the file, each variable and each property that no code has
   * read.
   *
   * @param read the paths that the code has read
   * @param known the paths among which to look for a suggestion
   */
  List<SettingProblem> unread(Set<String> read, Set<String> known) {
    return unread("", read, known);
  }

  /** Returns the mistakes of unread keys, variables and properties below {@code prefix}. */
  List<SettingProblem> unread(String prefix, Set<String> read, Set<String> known) {
    var candidates = known.stream().filter(path -> raw(path).isEmpty()).collect(Collectors.toSet());
    return Stream.concat(
            file.keySet().stream()
                .filter(path -> path.startsWith(prefix))
                .filter(path -> !read.contains(path))
                .map(path -> unknown(path, path, candidates)),
            unreadOverrides(prefix, read, candidates))
        .toList();
  }

  private Stream<SettingProblem> unreadOverrides(
      String prefix, Set<String> read, Set<String> candidates) {
    var names = names(read);
    var candidateNames = names(candidates);
    return environment
        .overrides()
        .filter(
            name ->
                name.startsWith(Environment.variable(prefix))
                    || name.startsWith(Environment.property(prefix)))
        .filter(name -> !names.contains(name))
        .map(name -> unknown(name, name, candidateNames));
  }

  private static Set<String> names(Set<String> paths) {
    return paths.stream()
        .flatMap(path -> Stream.of(Environment.variable(path), Environment.property(path)))
        .collect(Collectors.toSet());
  }

  private static SettingProblem unknown(String key, String written, Set<String> candidates) {
    String suggestion =
        SpellingSuggestion.of(written, candidates)
            .map(candidate -> "; did you mean " + candidate + "?")
            .orElse("");
    return new SettingProblem(key, "", "is unknown" + suggestion);
  }
}
