package io.outboxrelay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps unpacked programs between runs, in {@code ~/.cache/outbox-relay}. For root it is {@code
 * /var/cache/outbox-relay}, because the unprivileged user that runs PostgreSQL may not enter root's
 * home directory.
 */
final class ProgramCache {
  private static final Logger LOG = LoggerFactory.getLogger(ProgramCache.class);

  private ProgramCache() {}

  interface Unpack {
    void into(Path folder) throws IOException;
  }

  static Path root() {
    if (Executables.root()) {
      return Path.of("/var/cache/outbox-relay");
    }
    var xdg = System.getenv("XDG_CACHE_HOME");
    var base = xdg == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    return base.resolve("outbox-relay");
  }

  /** Returns the folder with this name. If it does not exist, {@code unpack} fills it first. */
  static Path folder(String name, Unpack unpack) {
    var folder = root().resolve(name);
    if (Files.isDirectory(folder)) {
      return folder;
    }
    try {
      Files.createDirectories(root());
      // Unpacked in another folder and then moved, so that several JVMs can do it at once and none
      // uses a half-filled folder.
      var aside = Files.createTempDirectory(root(), name + "-");
      Files.setPosixFilePermissions(aside, PosixFilePermissions.fromString("rwxr-xr-x"));
      try {
        unpack.into(aside);
        moveUnlessThere(aside, folder);
      } finally {
        Executables.run(List.of("rm", "-rf", aside.toString()));
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("Could not unpack " + name + " into " + root(), e);
    }
  }

  private static void moveUnlessThere(Path aside, Path folder) throws IOException {
    try {
      Files.move(aside, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      LOG.debug("{} was unpacked by another process meanwhile", folder);
    }
  }
}
