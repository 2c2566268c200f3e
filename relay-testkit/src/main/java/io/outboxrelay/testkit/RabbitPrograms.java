package io.outboxrelay.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * RabbitMQ and Erlang, installed or unpacked from Debian packages.
 *
 * @param sbin the folder of RabbitMQ's scripts; the wrappers on the path would switch to another
 *     user
 * @param path the PATH on which {@code erl} and {@code epmd} are found
 */
record RabbitPrograms(Path sbin, String path, String kind) {
  static RabbitPrograms find() {
    var installed = sbin(Path.of("/"));
    if (Executables.onPath("erl").isPresent() && installed.isPresent()) {
      return new RabbitPrograms(
          installed.get(),
          System.getenv("PATH"),
          "a local process of the installed rabbitmq-server");
    }
    return unpacked();
  }

  private static RabbitPrograms unpacked() {
    if (Executables.onPath("apt-get").isEmpty()) {
      throw new IllegalStateException(
          "No RabbitMQ was found: no container engine runs, rabbitmq-server is not installed, and"
              + " there is no apt-get to download it with. Install it, or name a server in"
              + " OUTBOX_TEST_RABBITMQ.");
    }
    var folder = ProgramCache.ofUser().folder("rabbitmq", RabbitPrograms::unpack);
    var sbin = sbin(folder).orElseThrow();
    return new RabbitPrograms(
        sbin,
        folder.resolve("usr/lib/erlang/bin") + File.pathSeparator + System.getenv("PATH"),
        "a local process of unpacked Debian packages");
  }

  private static void unpack(Path folder) throws IOException {
    try (var script = RabbitPrograms.class.getResourceAsStream("unpack-rabbitmq.sh")) {
      if (script == null) {
        throw new IOException("unpack-rabbitmq.sh is missing beside " + RabbitPrograms.class);
      }
      var text = new String(script.readAllBytes(), StandardCharsets.UTF_8);
      Executables.run(List.of("sh", "-c", text, "unpack-rabbitmq.sh", folder.toString()));
    }
  }

  /** Finds the folder of the installed version, which is the same on Debian and Red Hat. */
  private static Optional<Path> sbin(Path root) {
    var versions = root.resolve("usr/lib/rabbitmq/lib");
    if (!Files.isDirectory(versions)) {
      return Optional.empty();
    }
    try (var found = Files.newDirectoryStream(versions, "rabbitmq_server-*")) {
      var version = found.iterator();
      return version.hasNext() ? Optional.of(version.next().resolve("sbin")) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + versions, e);
    }
  }
}
