package io.outboxrelay.settings;

import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A value that must not be printed, such as a password: in a log or an error it is hidden.
 *
 * <p>It may stand in a file, wholly ({@code password-file: /run/secrets/db}) or in parts ({@code
 * ${file:/run/secrets/db}} inside a longer value). Such a file is read anew whenever the value is
 * asked for, so that a secret that was rotated counts from the next connection on.
 */
public final class Secret {
  static final String HIDDEN = "[hidden]";

  /** Where a value names a file that holds a part of it. */
  private static final Pattern FILE = Pattern.compile("\\$\\{file:(?<path>[^}]+)}");

  private final String key;
  private final String text;
  private final boolean isTemplate;

  private Secret(String key, String text, boolean isTemplate) {
    this.key = key;
    this.text = text;
    this.isTemplate = isTemplate;
  }

  /** A secret that is known as it is. */
  public Secret(String value) {
    this("", value, false);
  }

  /**
   * A secret as it was written at {@code key}, with places for files or without.
   *
   * @throws IllegalArgumentException with a phrase for the user if it has another kind of place
   */
  static Secret written(String key, String text) {
    if (FILE.matcher(text).replaceAll("").contains(Placeholders.OPEN)) {
      throw new IllegalArgumentException(
          "has a ${ that is not understood, and is not taken as it is; write ${NAME} in capitals for"
              + " an environment variable, or ${file:/path}; a secret that holds ${ itself has to"
              + " stand in a file");
    }
    boolean isTemplate = FILE.matcher(text).find();
    return new Secret(key, text, isTemplate);
  }

  /** A secret that is all that a file holds, as {@code key} says. */
  static Secret inFile(String key, Path file) {
    return new Secret(key, "${file:" + file + "}", true);
  }

  /**
   * The secret itself. Reads its files, if it stands in some, and may block for as long.
   *
   * @throws SecretFileException with a sentence for the operator if a file cannot be used now
   */
  public String value() {
    return isTemplate
        ? FILE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(read(place.group(1))))
        : text;
  }

  /** Whether it stands in a file, so that it can change while the relay runs. */
  public boolean isInFile() {
    return isTemplate;
  }

  private String read(String path) {
    return SecretFile.read(key, path);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret
        && secret.text.equals(text)
        && secret.isTemplate == isTemplate;
  }

  @Override
  public int hashCode() {
    return Objects.hash(text, isTemplate);
  }

  @Override
  public String toString() {
    return HIDDEN;
  }
}
