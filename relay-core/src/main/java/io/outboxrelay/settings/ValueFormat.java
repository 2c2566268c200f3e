package io.outboxrelay.settings;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Formats and parses typed values of a configuration.
 *
 * <p>A parser throws {@link IllegalArgumentException} with a phrase that continues the setting's
 * name.
 */
final class ValueFormat {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*(B|KiB|MiB|GiB)");

  private ValueFormat() {}

  static String written(Object value) {
    if (value instanceof Duration duration) {
      return written(duration);
    }
    return value instanceof Enum<?> choice ? written(choice) : value.toString();
  }

  static String written(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    }
    return seconds % 3600 != 0 ? seconds / 60 + "m" : seconds / 3600 + "h";
  }

  static String writtenSize(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB"};
    int unit = 0;
    long amount = bytes;
    while (amount != 0 && amount % 1024 == 0 && unit < units.length - 1) {
      amount /= 1024;
      unit++;
    }
    return amount + units[unit];
  }

  private static String written(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Integer number(String text) {
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          text.matches("[+-]?\\d+") ? "is too large a number" : "is not a whole number", e);
    }
  }

  static Boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("is neither true nor false");
    };
  }

  static Duration duration(String text) {
    var matcher = matched(DURATION, text, "is not a duration; write 200ms, 5s, 5m, 24h or 7d");
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  static Long size(String text) {
    var matcher = matched(SIZE, text, "is not a size; write 512KiB or 64MiB");
    long amount = Long.parseLong(matcher.group(1));
    int shift =
        switch (matcher.group(2)) {
          case "B" -> 0;
          case "KiB" -> 10;
          case "MiB" -> 20;
          default -> 30;
        };
    if (amount > Long.MAX_VALUE >> shift) {
      throw new IllegalArgumentException("is too large a size");
    }
    return amount << shift;
  }

  private static Matcher matched(Pattern pattern, String text, String otherwise) {
    var matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(otherwise);
    }
    return matcher;
  }

  static <E extends Enum<E>> E choice(Class<E> type, String text) {
    for (E constant : type.getEnumConstants()) {
      if (written(constant).equals(text)) {
        return constant;
      }
    }
    String choices =
        Stream.of(type.getEnumConstants())
            .map(ValueFormat::written)
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException("is not one of " + choices);
  }

  static Path file(String text) {
    try {
      Path path = Path.of(text);
      var obstacle = SecretFile.obstacle(path);
      if (obstacle.isPresent()) {
        throw new IllegalArgumentException(obstacle.get());
      }
      return path;
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("is not the path of a file", e);
    }
  }
}
