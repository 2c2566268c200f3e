package io.outboxrelay.settings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads a file that holds a secret. */
final class SecretFile {
  /**
   * The maximum size of a file with a secret, in bytes. A larger file is refused, because it was
   * most likely named by mistake.
   */
  private static final long LARGEST = 1 << 20;

  private SecretFile() {}

  /**
   * Returns the text of the file without the line breaks at its end. Most editors, and {@code
   * echo}, add such a line break.
   *
   * @param key the setting that names the file
   * @throws SecretFileException if the file cannot be read, or has no text
   */
  static String read(String key, String path) {
    try {
      var file = Path.of(path);
      var obstacle = obstacle(file);
      if (obstacle.isPresent()) {
        throw new SecretFileException(key, path, obstacle.get());
      }
      return text(key, path, Files.readAllBytes(file));
    } catch (InvalidPathException e) {
      throw new SecretFileException(key, path, "is not the path of a file");
    } catch (IOException e) {
      throw new SecretFileException(key, path, "cannot be read: " + e);
    }
  }

  /** Returns a phrase that tells why a file cannot be read; empty if the file can be read. */
  static Optional<String> obstacle(Path file) {
    if (!Files.exists(file)) {
      return Optional.of(
          file.isAbsolute()
              ? "is not found"
              : "is not found in the folder " + Path.of("").toAbsolutePath());
    }
    if (Files.isDirectory(file)) {
      return Optional.of("is a folder, not a file");
    }
    if (!Files.isRegularFile(file)) {
      return Optional.of("is not a regular file");
    }
    if (!Files.isReadable(file)) {
      return Optional.of(
          "cannot be read: the user "
              + System.getProperty("user.name")
              + ", which runs the relay, has no permission");
    }
    return Optional.empty();
  }

  private static String text(String key, String path, byte[] bytes) {
    if (bytes.length > LARGEST) {
      throw new SecretFileException(key, path, "is larger than 1 MiB, so it holds no secret");
    }
    try {
      var decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      String text = withoutLastLineEnds(decoded);
      if (text.isEmpty()) {
        throw new SecretFileException(key, path, "is empty");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new SecretFileException(key, path, "is not a text in UTF-8");
    }
  }

  private static String withoutLastLineEnds(String text) {
    int end = text.length();
    while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
      end--;
    }
    return text.substring(0, end);
  }
}
