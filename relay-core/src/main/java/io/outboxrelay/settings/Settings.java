package io.outboxrelay.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A configuration, or one section of it, read key by key into typed values.
 *
 * <p>Mistakes do not throw: a bad value is noted and its default returned, so that one start-up
 * reports them all ({@link #verify}). A key that nobody reads is a mistake too. Nested maps and
 * dotted keys mean the same: {@code kafka: {linger.ms: 5}} and {@code kafka.linger.ms: 5}.
 *
 * <p>A value comes from the file, where places such as {@code ${RELAY_DB_PASSWORD}} are filled from
 * the environment; from the environment variable named after the key ({@code
 * OUTBOX_RELAY_DATABASE_URI} for {@code database.uri}), which wins; or from the system property
 * ({@code outbox-relay.database.uri}), which wins over both.
 *
 * <p>Read at start-up, from one thread.
 */
public final class Settings {
  private final String source;
  private final String prefix;
  private final Given given;
  private final Notes notes;

  /** What is learned while reading, shared by all sections. */
  private record Notes(
      List<Problem> problems,
      Set<String> read,
      Set<String> secrets,
      Set<String> passedOn,
      Map<String, Known> known) {}

  private Settings(String source, String prefix, Given given, Notes notes) {
    this.source = source;
    this.prefix = prefix;
    this.given = given;
    this.notes = notes;
  }

  /**
   * Settings from nested maps, whatever the environment says.
   *
   * @param source what to call it in an error, such as the file's name
   */
  public static Settings of(String source, Map<String, ?> nested) {
    return of(source, nested, Environment.NONE);
  }

  /** Settings from nested maps and the environment. */
  public static Settings of(String source, Map<String, ?> nested, Environment environment) {
    var notes =
        new Notes(
            new ArrayList<>(), new HashSet<>(), new HashSet<>(), new HashSet<>(), new TreeMap<>());
    return new Settings(source, "", new Given(nested, environment, notes.problems::add), notes);
  }

  /** What these settings were read from, overrides by name. */
  public String source() {
    return Stream.concat(Stream.of(source), given.overrides()).collect(Collectors.joining(", "));
  }

  /** The settings below {@code name}; mistakes found there count here. */
  public Settings section(String name) {
    return new Settings(source, prefix + name + ".", given, notes);
  }

  public String text(String key, String orElse) {
    return value(key, orElse).orElse(orElse);
  }

  /** A text that must be there; empty where it is not, which is noted as a mistake. */
  public String requiredText(String key) {
    return optionalText(key).orElseGet(() -> missing(key));
  }

  private String missing(String key) {
    note(prefix + key, "is missing");
    return "";
  }

  public Optional<String> optionalText(String key) {
    return value(key, "");
  }

  /** A list of texts, given as one or separated by commas; empty where nothing is there. */
  public List<String> texts(String key) {
    return optionalText(key).stream()
        .flatMap(text -> Stream.of(text.split(",")))
        .map(String::trim)
        .filter(text -> !text.isEmpty())
        .toList();
  }

  /** A value that no error shows, whatever is wrong with it. */
  public Optional<Secret> secret(String key) {
    notes.secrets.add(prefix + key);
    return value(key, "").map(Secret::new);
  }

  /**
   * All that stands below this section and was not read yet, each of it a {@link #secret}, by the
   * names that whoever wrote it chose.
   */
  public Map<String, Secret> secrets() {
    var secrets = new TreeMap<String, Secret>();
    for (String path : given.below(prefix, notes.read)) {
      if (!notes.read.contains(path)) {
        String name = path.substring(prefix.length());
        secret(name).ifPresent(secret -> secrets.put(name, secret));
      }
    }
    return secrets;
  }

  public int number(String key, int orElse) {
    return parsed(key, orElse, Notation::number, Notation.written(orElse));
  }

  public boolean flag(String key, boolean orElse) {
    return parsed(key, orElse, Notation::flag, Notation.written(orElse));
  }

  /** A length of time, written {@code 200ms}, {@code 5s}, {@code 5m}, {@code 24h} or {@code 7d}. */
  public Duration duration(String key, Duration orElse) {
    return parsed(key, orElse, Notation::duration, Notation.written(orElse));
  }

  /** A number of bytes, written {@code 64MiB}. */
  public long size(String key, long orElse) {
    return parsed(key, orElse, Notation::size, Notation.writtenSize(orElse));
  }

  /** One of the enum's constants, written in lower case with hyphens. */
  public <E extends Enum<E>> E choice(String key, E orElse) {
    var type = orElse.getDeclaringClass();
    return parsed(key, orElse, text -> Notation.choice(type, text), Notation.written(orElse));
  }

  /**
   * A value of a type with a notation of its own, such as {@code parsed("topic", Template::parse,
   * "${aggregate_type}.events")}.
   *
   * @param parser throws {@link IllegalArgumentException} with a phrase that goes on from the key
   *     where the text does not fit; that is noted as a mistake
   */
  public <T> T parsed(String key, Function<String, T> parser, String orElse) {
    return parsed(key, parser.apply(orElse), parser, orElse);
  }

  /** Like {@link #parsed}, empty where nothing is there or what is there does not fit. */
  public <T> Optional<T> optionalParsed(String key, Function<String, T> parser) {
    return parsed(key, Optional.empty(), text -> Optional.of(parser.apply(text)), "");
  }

  /** Like {@link #optionalParsed}, and a mistake where nothing is there. */
  public <T> Optional<T> requiredParsed(String key, Function<String, T> parser) {
    if (optionalText(key).isEmpty()) {
      missing(key);
    }
    return optionalParsed(key, parser);
  }

  /** The path of a file that is there and can be read. */
  public Optional<Path> optionalFile(String key) {
    return optionalParsed(key, Notation::file);
  }

  /**
   * All that stands below this section and was not read yet, for a client library that checks its
   * own properties. A name that only an environment variable gives is in lower case, with
   * underscores.
   */
  public Map<String, String> rest() {
    var rest = new TreeMap<String, String>();
    for (String path : given.below(prefix, notes.read)) {
      if (notes.read.add(path)) {
        given.at(path).ifPresent(value -> rest.put(path.substring(prefix.length()), value.text()));
      }
    }
    return rest;
  }

  /**
   * What of {@code names} stands below this section and was not read yet: the properties of a
   * client library that are handed on untouched.
   */
  public Map<String, String> rest(Collection<String> names) {
    var rest = new TreeMap<String, String>();
    for (String name : names) {
      String path = prefix + name;
      if (notes.read.add(path)) {
        notes.passedOn.add(path);
        given.at(path).ifPresent(value -> rest.put(name, value.text()));
      }
    }
    return rest;
  }

  /** Notes a mistake at {@code key} unless {@code holds}; the first of a key counts. */
  public void require(boolean holds, String key, String message) {
    if (!holds) {
      note(prefix + key, message);
    }
  }

  /** Notes that nothing below this section is read, and why. */
  public void refuse(String why) {
    for (String path : given.below(prefix, notes.read)) {
      note(path, why);
    }
  }

  /** One mistake of a key is enough: what else is wrong with it mostly follows. */
  private void note(String path, String message) {
    notes.read.add(path);
    if (notes.problems.stream().noneMatch(problem -> problem.key().equals(path))) {
      notes.problems.add(new Problem(path, shown(path), message));
    }
  }

  private String shown(String path) {
    return given
        .raw(path)
        .map(value -> notes.secrets.contains(path) ? Secret.HIDDEN : value.shown())
        .orElse("");
  }

  /** All settings that were read so far, by anybody, with their defaults. */
  public Collection<Known> known() {
    return List.copyOf(notes.known.values());
  }

  /**
   * What was read so far, as it counts. What was handed on to a client library is not among it, as
   * only the library knows which of it is secret.
   */
  public List<InForce> inForce() {
    return notes.known.values().stream()
        .filter(known -> !notes.passedOn.contains(known.key()))
        .map(
            known -> {
              boolean isDefault = given.raw(known.key()).isEmpty();
              String value = isDefault ? known.orElse() : shown(known.key());
              return new InForce(
                  known.key(), Optional.of(value).filter(text -> !text.isEmpty()), isDefault);
            })
        .toList();
  }

  /**
   * Ends the reading.
   *
   * @throws InvalidSettingsException where there were mistakes, keys that nobody read among them
   */
  public void verify() {
    var known = new HashSet<>(notes.known.keySet());
    known.addAll(notes.passedOn);
    var all = new ArrayList<>(notes.problems);
    all.addAll(given.unread(notes.read, known));
    if (!all.isEmpty()) {
      throw new InvalidSettingsException(source, all);
    }
  }

  private Optional<String> value(String key, String orElse) {
    String path = prefix + key;
    notes.read.add(path);
    notes.known.putIfAbsent(path, new Known(path, orElse));
    return given.at(path).map(Value::text);
  }

  private <T> T parsed(String key, T orElse, Function<String, T> parser, String written) {
    var text = value(key, written);
    if (text.isEmpty()) {
      return orElse;
    }
    try {
      return parser.apply(text.get().trim());
    } catch (IllegalArgumentException e) {
      note(prefix + key, String.valueOf(e.getMessage()));
      return orElse;
    }
  }
}
