package io.outboxrelay.settings;

import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A value that must not be printed, such as a password. Logs and errors show {@code [hidden]}
 * instead.
 *
 * <p>A file may hold the whole value ({@code password-file: /run/secrets/db}) or a part of it
 * ({@code ${file:/run/secrets/db}} inside a longer value). The file is read again whenever the
 * value is needed, so that a rotated secret is used from the next connection on.
 */
public final class Secret {
  static final String HIDDEN = "[hidden]";

  /** Matches a placeholder for the content of a file. */
  private static final Pattern FILE = Pattern.compile("\\$\\{file:(?<path>[^}]+)}");

  private final String key;
  private final String text;
  private final boolean isTemplate;

  private Secret(String key, String text, boolean isTemplate) {
    this.key = key;
    this.text = text;
    this.isTemplate = isTemplate;
  }

  /** Creates a secret with {@code value} as its value. */
  public Secret(String value) {
    this("", value, false);
  }

  /**
   * Creates a secret from the text at {@code key}, which may have placeholders for files.
   *
   * @throws IllegalArgumentException with a phrase for the user if it has another kind of
   *     placeholder
   */
  static Secret written(String key, String text) {
    if (FILE.matcher(text).replaceAll("").contains(Placeholders.OPEN)) {
      throw new IllegalArgumentException(
          "has a ${ that is not understood; write ${NAME} in capitals for an environment variable,"
              + " or ${file:/path} for a file; a secret that contains ${ itself must be in a file");
    }
    boolean isTemplate = FILE.matcher(text).find();
    return new Secret(key, text, isTemplate);
  }

  /**
   * Creates a secret that is the whole content of a file.
   *
   * @param key the setting that names the file
   */
  static Secret inFile(String key, Path file) {
    return new Secret(key, "${file:" + file + "}", true);
  }

  /**
   * Returns the secret. If it is in files, reads them and may block.
   *
   * @throws SecretFileException with a sentence for the operator if a file cannot be used now
   */
  public String value() {
    return isTemplate
        ? FILE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(read(place.group(1))))
        : text;
  }

  /**
   * Returns true if a file holds the secret or a part of the secret, so that the secret can change
   * while the relay runs.
   */
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
