package io.outboxrelay.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The programs of RabbitMQ and Erlang, which are installed on this machine or unpacked from Debian
 * packages.
 *
 * @param sbin the folder of RabbitMQ's scripts; the wrappers on the path would switch to another
 *     user
 * @param path the value of PATH with which {@code erl} and {@code epmd} are found
 * @param kind the origin of the programs, for messages
 */
record RabbitPrograms(Path sbin, String path, String kind) {
  /** The release of Debian that has each major version. */
  private static final Map<Integer, String> RELEASES = Map.of(3, "bookworm", 4, "trixie");

  private static final String FOLDER = "rabbitmq_server-";

  /** Finds the programs of a major version, or of any version if {@code major} is null. */
  static RabbitPrograms find(@Nullable Integer major) {
    var installed = sbin(Path.of("/"), major);
    if (Executables.onPath("erl").isPresent() && installed.isPresent()) {
      return new RabbitPrograms(
          installed.get(),
          System.getenv("PATH"),
          "a local process of the installed rabbitmq-server");
    }
    return unpacked(major);
  }

  private static RabbitPrograms unpacked(@Nullable Integer major) {
    if (Executables.onPath("apt-get").isEmpty()) {
      throw new IllegalStateException(
          "No RabbitMQ%s was found: no container engine runs, rabbitmq-server%s is not installed, and"
                  .formatted(of(major), of(major))
              + " there is no apt-get to download it with. Install it, or name a server in"
              + " OUTBOX_TEST_RABBITMQ.");
    }
    var release = Optional.ofNullable(major).map(RabbitPrograms::release);
    var folder =
        ProgramCache.ofUser()
            .folder(
                release.map(name -> "rabbitmq-" + name).orElse("rabbitmq"),
                target -> unpack(target, release));
    var sbin = sbin(folder, major).orElseThrow();
    return new RabbitPrograms(
        sbin,
        folder.resolve("usr/lib/erlang/bin") + File.pathSeparator + System.getenv("PATH"),
        release
            .map(name -> "a local process of unpacked packages of Debian " + name)
            .orElse("a local process of unpacked Debian packages"));
  }

  private static String of(@Nullable Integer major) {
    return major == null ? "" : " " + major;
  }

  private static String release(int major) {
    var release = RELEASES.get(major);
    if (release == null) {
      throw new IllegalArgumentException(
          "RabbitMQ %d is in no known release of Debian; known are %s".formatted(major, RELEASES));
    }
    return release;
  }

  private static void unpack(Path folder, Optional<String> release) throws IOException {
    try (var script = RabbitPrograms.class.getResourceAsStream("unpack-rabbitmq.sh")) {
      if (script == null) {
        throw new IOException("unpack-rabbitmq.sh is missing beside " + RabbitPrograms.class);
      }
      var text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
      var command =
          new ArrayList<>(List.of("sh", "-c", text, "unpack-rabbitmq.sh", folder.toString()));
      release.ifPresent(command::add);
      Executables.run(command);
    }
  }

  /**
   * Finds the folder of RabbitMQ's scripts for a major version. Its path is the same on Debian and
   * on Red Hat.
   */
  private static Optional<Path> sbin(Path root, @Nullable Integer major) {
    var versions = root.resolve("usr/lib/rabbitmq/lib");
    if (!Files.isDirectory(versions)) {
      return Optional.empty();
    }
    try (var found =
        Files.newDirectoryStream(versions, FOLDER + (major == null ? "" : major + ".") + "*")) {
      var version = found.iterator();
      return version.hasNext() ? Optional.of(version.next().resolve("sbin")) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + versions, e);
    }
  }
}
