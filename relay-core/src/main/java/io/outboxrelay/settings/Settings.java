package io.outboxrelay.settings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * A configuration, or one section of it, read key by key into typed values.
 *
 * <p>Mistakes do not throw: a bad value is noted and its default returned, so that one start-up
 * reports them all ({@link #verify}). A key that nobody reads is a mistake too. Nested maps and
 * dotted keys mean the same: {@code kafka: {linger.ms: 5}} and {@code kafka.linger.ms: 5}.
 *
 * <p>Read at start-up, from one thread.
 */
public final class Settings {
  /** Where an address such as {@code amqp://user:password@host} has its password. */
  private static final Pattern PASSWORD =
      Pattern.compile("(?<=:)(?!//).*(?=@)|(?<=password=)[^&]*");

  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(B|KiB|MiB|GiB)");

  private final String source;
  private final String prefix;
  private final NavigableMap<String, Object> values;
  private final List<Problem> problems;
  private final Set<String> read;
  private final Set<String> known;

  private Settings(
      String source,
      String prefix,
      NavigableMap<String, Object> values,
      List<Problem> problems,
      Set<String> read,
      Set<String> known) {
    this.source = source;
    this.prefix = prefix;
    this.values = values;
    this.problems = problems;
    this.read = read;
    this.known = known;
  }

  /**
   * Settings from nested maps.
   *
   * @param source what to call it in an error, such as the file's name
   */
  public static Settings of(String source, Map<String, ?> nested) {
    var flat = new TreeMap<String, Object>();
    flatten("", nested, flat);
    return new Settings(source, "", flat, new ArrayList<>(), new HashSet<>(), new HashSet<>());
  }

  private static void flatten(String prefix, Map<?, ?> nested, Map<String, Object> flat) {
    nested.forEach(
        (key, value) -> {
          String path = prefix + key;
          if (value instanceof Map<?, ?> map) {
            flatten(path + ".", map, flat);
          } else if (value != null) {
            flat.put(path, value);
          }
        });
  }

  /** The settings below {@code name}; mistakes found there count here. */
  public Settings section(String name) {
    return new Settings(source, prefix + name + ".", values, problems, read, known);
  }

  public String text(String key, String orElse) {
    return optionalText(key).orElse(orElse);
  }

  /** A text that must be there; empty where it is not, which is noted as a mistake. */
  public String requiredText(String key) {
    return optionalText(key).orElseGet(() -> missing(key));
  }

  private String missing(String key) {
    problems.add(new Problem(prefix + key, "", "is missing"));
    return "";
  }

  public Optional<String> optionalText(String key) {
    return value(key).map(Object::toString);
  }

  public Optional<Secret> secret(String key) {
    return value(key).map(value -> new Secret(value.toString()));
  }

  public int number(String key, int orElse) {
    return parsed(key, orElse, Settings::parseNumber);
  }

  public boolean flag(String key, boolean orElse) {
    return parsed(key, orElse, Settings::parseFlag);
  }

  /** A length of time, written {@code 200ms}, {@code 5s}, {@code 5m}, {@code 24h} or {@code 7d}. */
  public Duration duration(String key, Duration orElse) {
    return parsed(key, orElse, Settings::parseDuration);
  }

  /** A number of bytes, written {@code 64MiB}. */
  public long size(String key, long orElse) {
    return parsed(key, orElse, Settings::parseSize);
  }

  /** One of the enum's constants, written in lower case with hyphens. */
  public <E extends Enum<E>> E choice(String key, E orElse) {
    return parsed(key, orElse, text -> parseChoice(orElse.getDeclaringClass(), text));
  }

  /**
   * A value of a type with a notation of its own, such as {@code parsed("topic", Template::parse,
   * "${aggregate_type}.events")}.
   *
   * @param parser throws {@link IllegalArgumentException} with a phrase that goes on from the key
   *     where the text does not fit; that is noted as a mistake
   */
  public <T> T parsed(String key, Function<String, T> parser, String orElse) {
    return parsed(key, parser.apply(orElse), parser);
  }

  /** Like {@link #parsed}, empty where nothing is there or what is there does not fit. */
  public <T> Optional<T> optionalParsed(String key, Function<String, T> parser) {
    return parsed(key, Optional.empty(), text -> Optional.of(parser.apply(text)));
  }

  /** Like {@link #optionalParsed}, and a mistake where nothing is there. */
  public <T> Optional<T> requiredParsed(String key, Function<String, T> parser) {
    if (value(key).isEmpty()) {
      missing(key);
    }
    return optionalParsed(key, parser);
  }

  /** The path of a file that is there and can be read. */
  public Optional<Path> optionalFile(String key) {
    return optionalParsed(key, Settings::parseFile);
  }

  /**
   * All that stands below this section and was not read yet, for a client library that checks its
   * own properties.
   */
  public Map<String, String> rest() {
    var rest = new TreeMap<String, String>();
    for (String path : paths()) {
      if (read.add(path)) {
        rest.put(path.substring(prefix.length()), String.valueOf(values.get(path)));
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
      optionalText(name).ifPresent(text -> rest.put(name, text));
    }
    return rest;
  }

  /** Notes a mistake at {@code key} unless {@code holds}. */
  public void require(boolean holds, String key, String message) {
    if (!holds) {
      read.add(prefix + key);
      var seen = values.get(prefix + key);
      problems.add(new Problem(prefix + key, seen == null ? "" : shown(seen), message));
    }
  }

  /**
   * Ends the reading.
   *
   * @throws InvalidSettingsException where there were mistakes, keys that nobody read among them
   */
  public void verify() {
    var all = new ArrayList<>(problems);
    for (String path : values.keySet()) {
      if (!read.contains(path)) {
        all.add(new Problem(path, "", "is unknown" + suggestion(path)));
      }
    }
    if (!all.isEmpty()) {
      throw new InvalidSettingsException(source, all);
    }
  }

  private String suggestion(String path) {
    return known.stream()
        .filter(candidate -> !values.containsKey(candidate))
        .filter(candidate -> distance(path, candidate) <= Math.max(2, candidate.length() / 4))
        .min(Comparator.comparingInt(candidate -> distance(path, candidate)))
        .map(candidate -> "; did you mean " + candidate + "?")
        .orElse("");
  }

  /** Letters to change; none where only the section is missing or wrong. */
  private static int distance(String one, String other) {
    String last = one.substring(one.lastIndexOf('.') + 1);
    return other.endsWith("." + last)
        ? 0
        : LevenshteinDistance.getDefaultInstance().apply(one, other);
  }

  private List<String> paths() {
    return values.tailMap(prefix).keySet().stream()
        .takeWhile(path -> path.startsWith(prefix))
        .toList();
  }

  private Optional<Object> value(String key) {
    known.add(prefix + key);
    read.add(prefix + key);
    return Optional.ofNullable(values.get(prefix + key));
  }

  private <T> T parsed(String key, T orElse, Function<String, T> parser) {
    var value = value(key);
    if (value.isEmpty()) {
      return orElse;
    }
    try {
      return parser.apply(value.get().toString().trim());
    } catch (IllegalArgumentException e) {
      problems.add(new Problem(prefix + key, shown(value.get()), String.valueOf(e.getMessage())));
      return orElse;
    }
  }

  private static String shown(Object value) {
    String text = PASSWORD.matcher(value.toString()).replaceAll(Secret.HIDDEN);
    return value instanceof String ? '"' + text + '"' : text;
  }

  private static Integer parseNumber(String text) {
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("is not a whole number", e);
    }
  }

  private static Path parseFile(String text) {
    Path path = Path.of(text);
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      throw new IllegalArgumentException("is not a file that the relay can read");
    }
    return path;
  }

  private static Boolean parseFlag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("is neither true nor false");
    };
  }

  private static Duration parseDuration(String text) {
    var matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("is not a duration; write 200ms, 5s or 5m");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  private static Long parseSize(String text) {
    var matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("is not a size; write 512KiB or 64MiB");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "B" -> amount;
      case "KiB" -> amount << 10;
      case "MiB" -> amount << 20;
      default -> amount << 30;
    };
  }

  private static <E extends Enum<E>> E parseChoice(Class<E> type, String text) {
    for (E constant : type.getEnumConstants()) {
      if (written(constant).equals(text)) {
        return constant;
      }
    }
    String choices =
        Stream.of(type.getEnumConstants()).map(Settings::written).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("is not one of " + choices);
  }

  private static String written(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
