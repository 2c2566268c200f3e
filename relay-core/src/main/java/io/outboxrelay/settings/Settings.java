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
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads a configuration, or one section of it, key by key into typed values.
 *
 * <p>A mistake does not throw: it is recorded and the default is returned, so that one start-up
 * reports all mistakes ({@link #verify}). A key that no code reads is a mistake too. Nested maps
 * and dotted keys mean the same: {@code kafka: {linger.ms: 5}} and {@code kafka.linger.ms: 5}.
 *
 * <p>A value comes from the file, with placeholders such as {@code ${RELAY_DB_PASSWORD}} filled
 * from the environment. The environment variable named after the key ({@code
 * OUTBOX_RELAY_DATABASE_URI} for {@code database.uri}) overrides the file, and the system property
 * ({@code outbox-relay.database.uri}) overrides both.
 *
 * <p>Read it at start-up, from one thread.
 */
public final class Settings {
  private static final String FILE_SUFFIX = "-file";

  /**
   * Matches the ending of the name of a setting that names a file: {@code -file} in the
   * configuration file, {@code _file} in an environment variable.
   */
  private static final Pattern FILE_ENDING = Pattern.compile("[-_]file$");

  private final String source;
  private final String prefix;
  private final RawSettings given;
  private final Notes notes;

  /** The mistakes and the keys that were noted while reading; all sections share them. */
  private record Notes(
      List<SettingProblem> problems,
      Set<String> read,
      Set<String> secrets,
      Set<String> passedOn,
      Map<String, SettingDescriptor> known) {
    static Notes empty() {
      return new Notes(
          new ArrayList<>(), new HashSet<>(), new HashSet<>(), new HashSet<>(), new TreeMap<>());
    }
  }

  private Settings(String source, String prefix, RawSettings given, Notes notes) {
    this.source = source;
    this.prefix = prefix;
    this.given = given;
    this.notes = notes;
  }

  /**
   * Returns settings from nested maps, without the environment.
   *
   * @param source the name for error messages, such as the file's name
   */
  public static Settings of(String source, Map<String, ?> nested) {
    return of(source, nested, Environment.NONE);
  }

  /** Returns settings from nested maps and the environment. */
  public static Settings of(String source, Map<String, ?> nested, Environment environment) {
    var notes = Notes.empty();
    return new Settings(
        source, "", new RawSettings(nested, environment, notes.problems::add), notes);
  }

  /** Returns settings from the environment, without a file. */
  public static Settings of(Environment environment) {
    String source = "the environment (no file is named with -conf)";
    return new Settings(source, "", new RawSettings(environment), Notes.empty());
  }

  /** Returns the source of these settings, followed by the names of the overrides. */
  public String source() {
    return Stream.concat(Stream.of(source), given.overrides()).collect(Collectors.joining(", "));
  }

  /**
   * Returns the section below {@code name}. {@link #verify} of these settings also reports the
   * mistakes in the section.
   */
  public Settings section(String name) {
    return new Settings(source, prefix + name + ".", given, notes);
  }

  /** Returns the whole configuration of which this is a section. */
  public Settings root() {
    return new Settings(source, "", given, notes);
  }

  public String text(String key, String orElse) {
    return value(key, orElse).orElse(orElse);
  }

  /** Returns a required text; if it is missing, records a mistake and returns an empty text. */
  public String requiredText(String key) {
    return optionalText(key).orElseGet(() -> missing(key));
  }

  private String missing(String key) {
    String path = prefix + key;
    note(path, given.isFile() ? "is missing" : "is missing; set " + Environment.variable(path));
    return "";
  }

  public Optional<String> optionalText(String key) {
    return value(key, "");
  }

  /** Returns a list of texts, written as a list or separated by commas; empty if there is none. */
  public List<String> texts(String key) {
    return optionalText(key).stream()
        .flatMap(text -> Stream.of(text.split(",")))
        .map(String::trim)
        .filter(text -> !text.isEmpty())
        .toList();
  }

  /**
   * Returns a secret, which no error message shows; empty if there is none. The setting {@code key}
   * holds the secret, or the setting {@code key-file} names the file that holds it. It is a mistake
   * to set both, or to name a file that cannot be read.
   */
  public Optional<Secret> secret(String key) {
    return secret(key, notes.known::putIfAbsent);
  }

  /**
   * Returns all unread values of this section as secrets, by the names in the configuration. A name
   * that ends in {@code -file} names the file of the secret.
   */
  public Map<String, Secret> secrets() {
    var secrets = new TreeMap<String, Secret>();
    for (String path : given.below(prefix, notes.read)) {
      if (!notes.read.contains(path)) {
        String name = FILE_ENDING.matcher(path.substring(prefix.length())).replaceFirst("");
        secret(name, this::noteIfGiven).ifPresent(secret -> secrets.put(name, secret));
      }
    }
    return secrets;
  }

  private void noteIfGiven(String path, SettingDescriptor known) {
    if (given.raw(path).isPresent()) {
      notes.known.putIfAbsent(path, known);
    }
  }

  /**
   * Returns, as secrets, the unread values of this section that have one of {@code names}. They are
   * properties that are passed on to a client library.
   */
  public Map<String, Secret> secrets(Collection<String> names) {
    var secrets = new TreeMap<String, Secret>();
    for (String name : names) {
      if (!notes.read.contains(prefix + name)) {
        secret(name, (path, known) -> notes.passedOn.add(path))
            .ifPresent(secret -> secrets.put(name, secret));
      }
    }
    return secrets;
  }

  /**
   * Returns all unread values of this section as {@link #rest()} does, but as secrets. It is for
   * the properties of a client library's plug-in, because the relay cannot know which of them are
   * secret.
   */
  public Map<String, Secret> secretRest() {
    var rest = new TreeMap<String, Secret>();
    for (String path : given.below(prefix, notes.read)) {
      if (notes.read.add(path)) {
        notes.secrets.add(path);
        given
            .at(path)
            .flatMap(value -> secretAt(path, () -> Secret.written(path, value.text())))
            .ifPresent(secret -> rest.put(path.substring(prefix.length()), secret));
      }
    }
    return rest;
  }

  private Optional<Secret> secret(String key, BiConsumer<String, SettingDescriptor> noted) {
    String path = prefix + key;
    String filePath = path + FILE_SUFFIX;
    for (String read : List.of(path, filePath)) {
      notes.read.add(read);
      noted.accept(read, new SettingDescriptor(read, ""));
    }
    notes.secrets.add(path);
    var here = given.at(path);
    var file = given.at(filePath);
    if (file.isPresent() && given.raw(path).isPresent()) {
      note(filePath, "is there and " + path + " too; keep one of them");
      return Optional.empty();
    }
    return file.isPresent()
        ? secretAt(filePath, () -> inFile(filePath, file.get().text().trim()))
        : here.flatMap(value -> secretAt(path, () -> Secret.written(path, value.text())));
  }

  private Optional<Secret> secretAt(String path, Supplier<Secret> parsed) {
    try {
      return Optional.of(readable(path, parsed.get()));
    } catch (IllegalArgumentException e) {
      note(path, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static Secret inFile(String key, String path) {
    Placeholders.understood(path);
    return Secret.inFile(key, Path.of(path));
  }

  /** Records a mistake if the file of the secret cannot be read at start-up. */
  private Secret readable(String path, Secret secret) {
    if (secret.isInFile()) {
      try {
        secret.value();
      } catch (SecretFileException e) {
        note(path, e.phrase());
      }
    }
    return secret;
  }

  public int number(String key, int orElse) {
    return parsed(key, orElse, ValueFormat::number, ValueFormat.written(orElse));
  }

  public boolean flag(String key, boolean orElse) {
    return parsed(key, orElse, ValueFormat::flag, ValueFormat.written(orElse));
  }

  /**
   * Returns a duration, written {@code 200ms}, {@code 5s}, {@code 5m}, {@code 24h} or {@code 7d}.
   */
  public Duration duration(String key, Duration orElse) {
    return parsed(key, orElse, ValueFormat::duration, ValueFormat.written(orElse));
  }

  /** Returns a number of bytes, written {@code 64MiB}. */
  public long size(String key, long orElse) {
    return parsed(key, orElse, ValueFormat::size, ValueFormat.writtenSize(orElse));
  }

  /** Returns one of the enum's constants, written in lower case with hyphens. */
  public <E extends Enum<E>> E choice(String key, E orElse) {
    var type = orElse.getDeclaringClass();
    return parsed(key, orElse, text -> ValueFormat.choice(type, text), ValueFormat.written(orElse));
  }

  /**
   * Returns a value of a type with its own notation, such as {@code parsed("uri", RabbitUri::parse,
   * "amqp://localhost")}.
   *
   * @param parser throws {@link IllegalArgumentException} with a phrase that continues the key if
   *     the text is wrong; the phrase is recorded as a mistake
   */
  public <T> T parsed(String key, Function<String, T> parser, String orElse) {
    return parsed(key, parser.apply(orElse), parser, orElse);
  }

  /**
   * Like {@link #parsed}, for a value that may have placeholders of its own, such as {@code
   * template("topic", Template::parse, "${aggregate_type}.events")}. In all other values an
   * unfilled placeholder is a mistake.
   */
  public <T> T template(String key, Function<String, T> parser, String orElse) {
    return parsed(found(key, orElse), key, parser.apply(orElse), parser);
  }

  /** Returns all unread values of this section by their names, each like {@link #template}. */
  public <T> Map<String, T> templates(Function<String, T> parser) {
    var templates = new TreeMap<String, T>();
    for (String path : given.below(prefix, notes.read)) {
      if (notes.read.add(path)) {
        String name = path.substring(prefix.length());
        parsed(
                given.at(path).map(RawValue::text),
                name,
                Optional.<T>empty(),
                text -> Optional.of(parser.apply(text)))
            .ifPresent(template -> templates.put(name, template));
      }
    }
    return templates;
  }

  /** Returns a value as {@link #parsed} does; empty if there is no value or the value is wrong. */
  public <T> Optional<T> optionalParsed(String key, Function<String, T> parser) {
    return parsed(key, Optional.empty(), text -> Optional.of(parser.apply(text)), "");
  }

  /**
   * Returns a value as {@link #optionalParsed} does, and records a mistake if there is no value.
   */
  public <T> Optional<T> requiredParsed(String key, Function<String, T> parser) {
    if (optionalText(key).isEmpty()) {
      missing(key);
    }
    return optionalParsed(key, parser);
  }

  /**
   * Returns the path of a readable file; empty if there is no value or, with a mistake recorded, if
   * the file cannot be read.
   */
  public Optional<Path> optionalFile(String key) {
    return optionalParsed(key, ValueFormat::file);
  }

  /** Records a mistake at {@code key} if {@code path} is not the path of a readable file. */
  public void requireFile(String key, String path) {
    try {
      ValueFormat.file(path);
    } catch (IllegalArgumentException e) {
      note(prefix + key, String.valueOf(e.getMessage()));
    }
  }

  /**
   * Returns all unread values of this section by their names, for a client library that checks its
   * own properties. If only an environment variable gives a value, its name is in lower case with
   * underscores.
   */
  public Map<String, String> rest() {
    var rest = new TreeMap<String, String>();
    for (String path : given.below(prefix, notes.read)) {
      if (notes.read.add(path)) {
        understood(path).ifPresent(text -> rest.put(path.substring(prefix.length()), text));
      }
    }
    return rest;
  }

  /**
   * Returns the unread values of this section that have one of {@code names}. They are properties
   * that are passed on to a client library.
   */
  public Map<String, String> rest(Collection<String> names) {
    var rest = new TreeMap<String, String>();
    for (String name : names) {
      String path = prefix + name;
      if (notes.read.add(path)) {
        notes.passedOn.add(path);
        understood(path).ifPresent(text -> rest.put(name, text));
      }
    }
    return rest;
  }

  /**
   * Records a mistake at {@code key} if {@code holds} is false; only the first mistake of a key is
   * kept.
   */
  public void require(boolean holds, String key, String message) {
    if (!holds) {
      note(prefix + key, message);
    }
  }

  /**
   * Records a mistake for every value of this section, because the relay does not read it.
   *
   * @param why a phrase that continues the key
   */
  public void refuse(String why) {
    for (String path : given.below(prefix, notes.read)) {
      note(path, why);
    }
  }

  /**
   * Excludes this section from the configuration, so that {@link #verify} of the configuration does
   * not report the section's mistakes.
   *
   * @return the section for reading its settings; only {@link #mistakes} of the returned section
   *     reports its mistakes
   */
  public Settings passOver() {
    var own = Notes.empty();
    notes.problems.stream()
        .filter(problem -> problem.key().startsWith(prefix))
        .forEach(own.problems::add);
    notes.problems.removeAll(own.problems);
    notes.read.addAll(given.below(prefix, notes.read));
    return new Settings(source, prefix, given, own);
  }

  /** Returns true if the file, a variable or a property sets a value in this section. */
  public boolean isGiven() {
    return !given.below(prefix, Set.of()).isEmpty();
  }

  /**
   * Returns the mistakes in a section that {@link #passOver} has excluded: unknown keys and wrong
   * values. In such a section, a missing value or an unset variable is not a mistake.
   */
  public List<SettingProblem> mistakes() {
    var mistakes = new ArrayList<SettingProblem>();
    notes.problems.stream()
        .filter(problem -> problem.key().startsWith(prefix))
        .filter(problem -> given.raw(problem.key()).isPresent())
        .filter(problem -> !given.isUnusable(problem.key()))
        .forEach(mistakes::add);
    mistakes.addAll(given.unread(prefix, notes.read, knownPaths()));
    return mistakes;
  }

  /**
   * Records a mistake. Keeps only the first mistake of a key, because later ones mostly follow from
   * the first.
   */
  private void note(String path, String message) {
    notes.read.add(path);
    if (notes.problems.stream().noneMatch(problem -> problem.key().equals(path))) {
      notes.problems.add(new SettingProblem(path, shown(path), message));
    }
  }

  private String shown(String path) {
    return given
        .raw(path)
        .map(value -> notes.secrets.contains(path) ? Secret.HIDDEN : value.shown())
        .orElse("");
  }

  /** Returns all settings that were read so far, with their defaults. */
  public Collection<SettingDescriptor> known() {
    return List.copyOf(notes.known.values());
  }

  /**
   * Returns the settings that were read so far with their values in force. Properties passed on to
   * a client library are left out, because only the library knows which of them are secret.
   */
  public List<EffectiveSetting> inForce() {
    return notes.known.values().stream()
        .filter(known -> !notes.passedOn.contains(known.key()))
        .map(
            known -> {
              boolean isDefault = given.raw(known.key()).isEmpty();
              String value = isDefault ? known.orElse() : shown(known.key());
              return new EffectiveSetting(
                  known.key(), Optional.of(value).filter(text -> !text.isEmpty()), isDefault);
            })
        .toList();
  }

  /**
   * Reports all mistakes. Call it after all settings were read, because a key that no code has read
   * by then counts as unknown.
   *
   * @throws InvalidSettingsException if there were mistakes, including keys that no code has read
   */
  public void verify() {
    var all = new ArrayList<>(notes.problems);
    all.addAll(given.unread(notes.read, knownPaths()));
    if (!all.isEmpty()) {
      throw new InvalidSettingsException(source, all);
    }
  }

  private Set<String> knownPaths() {
    var known = new HashSet<>(notes.known.keySet());
    known.addAll(notes.passedOn);
    return known;
  }

  private Optional<String> found(String key, String orElse) {
    String path = prefix + key;
    notes.read.add(path);
    notes.known.putIfAbsent(path, new SettingDescriptor(path, orElse));
    return given.at(path).map(RawValue::text);
  }

  private Optional<String> value(String key, String orElse) {
    return found(key, orElse).flatMap(text -> understood(prefix + key));
  }

  /**
   * Returns the value at {@code path}; empty if there is none or, with a mistake recorded, if a
   * placeholder in the value was not filled.
   */
  private Optional<String> understood(String path) {
    try {
      return given.at(path).map(RawValue::text).map(Placeholders::understood);
    } catch (IllegalArgumentException e) {
      note(path, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private <T> T parsed(String key, T orElse, Function<String, T> parser, String written) {
    return parsed(value(key, written), key, orElse, parser);
  }

  private <T> T parsed(Optional<String> text, String key, T orElse, Function<String, T> parser) {
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
