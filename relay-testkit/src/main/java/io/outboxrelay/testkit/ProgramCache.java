package io.outboxrelay.testkit;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps unpacked programs between runs, in {@code ~/.cache/outbox-relay}. For root it is {@code
 * /var/cache/outbox-relay}, because the unprivileged user that runs PostgreSQL may not enter root's
 * home directory.
 */
final class ProgramCache {
  private static final Logger LOG = LoggerFactory.getLogger(ProgramCache.class);

  private static final Map<Path, Object> LOCKS = new ConcurrentHashMap<>();

  private final Path root;

  ProgramCache(Path root) {
    this.root = root;
  }

  /** Returns the cache of this user. */
  static ProgramCache ofUser() {
    return new ProgramCache(root());
  }

  interface Unpack {
    void into(Path folder) throws IOException;
  }

  private static Path root() {
    if (Executables.root()) {
      return Path.of("/var/cache/outbox-relay");
    }
    var xdg = System.getenv("XDG_CACHE_HOME");
    var base = xdg == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    return base.resolve("outbox-relay");
  }

  /**
   * Returns the folder with this name. If it does not exist, {@code unpack} fills it first. If
   * several threads and processes need the folder at the same time, one of them fills it and the
   * others wait.
   */
  Path folder(String name, Unpack unpack) {
    var folder = root.resolve(name);
    if (Files.isDirectory(folder)) {
      return folder;
    }
    try {
      Files.createDirectories(root);
      // A file lock excludes other processes, but it does not exclude other threads of this
      // process.
      synchronized (LOCKS.computeIfAbsent(folder, first -> new Object())) {
        var file = root.resolve(name + ".lock");
        try (var channel = FileChannel.open(file, CREATE, WRITE);
            var lock = channel.lock()) {
          LOG.debug("{} is held: {}", file, lock.isValid());
          if (!Files.isDirectory(folder)) {
            unpackAndMove(folder, unpack);
          }
        }
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("Could not unpack " + name + " into " + root, e);
    }
  }

  /**
   * Unpacks into a temporary folder, and moves it to its place when it is complete. If the process
   * ends meanwhile, it therefore leaves no incomplete folder in that place.
   */
  private static void unpackAndMove(Path folder, Unpack unpack) throws IOException {
    var aside = folder.resolveSibling(folder.getFileName() + ".unpacking");
    delete(aside);
    Files.createDirectory(aside);
    Files.setPosixFilePermissions(aside, PosixFilePermissions.fromString("rwxr-xr-x"));
    try {
      unpack.into(aside);
      Files.move(aside, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // A process with an older version of this class does not use the lock. The exception that
      // reports an existing target depends on the file system, so the folder is tested instead.
      if (!Files.isDirectory(folder)) {
        throw e;
      }
      LOG.debug("{} was unpacked by another process meanwhile", folder);
    } finally {
      delete(aside);
    }
  }

  private static void delete(Path folder) {
    Executables.run(List.of("rm", "-rf", folder.toString()));
  }
}
