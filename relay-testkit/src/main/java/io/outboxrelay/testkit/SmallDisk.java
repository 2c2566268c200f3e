package io.outboxrelay.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A small file system that a test can fill completely, for example to hold a tablespace. */
public final class SmallDisk implements AutoCloseable {
  private static final int CHUNK = 1 << 16;

  private final Path folder;
  private final Path filler;
  private final Thread unmounting = new Thread(this::unmount);

  private SmallDisk(Path folder) {
    this.folder = folder;
    this.filler = folder.resolve("filler");
  }

  /**
   * Returns true if this JVM can mount a file system. That needs root's rights, and in some
   * containers it is forbidden even with them.
   */
  public static boolean isPossible() throws IOException {
    if (!Executables.root() || Executables.onPath("mount").isEmpty()) {
      return false;
    }
    try (var disk = ofMebibytes(1)) {
      return disk.folder.toFile().getUsableSpace() > 0;
    } catch (IllegalStateException notAllowed) {
      return false;
    }
  }

  /**
   * Mounts a file system of this size. Servers that the test kit started can write to its folders.
   */
  public static SmallDisk ofMebibytes(int size) throws IOException {
    var disk = new SmallDisk(Files.createTempDirectory("outbox-relay-disk-"));
    Executables.run(
        List.of(
            "mount", "-t", "tmpfs", "-o", "size=" + size + "m", "tmpfs", disk.folder.toString()));
    Runtime.getRuntime().addShutdownHook(disk.unmounting);
    return disk;
  }

  /** Creates an empty folder on this file system, owned by the user as which servers run. */
  public Path newFolder(String name) throws IOException {
    var made = Files.createDirectory(folder.resolve(name));
    PrivilegeDropper.own(made);
    return made;
  }

  /** Fills the file system completely. */
  public void fill() throws IOException {
    try (var out = Files.newOutputStream(filler)) {
      var chunk = new byte[CHUNK];
      while (true) {
        out.write(chunk);
      }
    } catch (IOException full) {
      if (folder.toFile().getUsableSpace() > 0) {
        throw full;
      }
    }
  }

  /** Deletes the data that {@link #fill} wrote. */
  public void free() throws IOException {
    Files.delete(filler);
  }

  /**
   * Unmounts the file system and deletes it. A process that has a file of it open can still use
   * that file.
   */
  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(unmounting);
    unmount();
  }

  private void unmount() {
    Executables.run(List.of("umount", "-l", folder.toString()));
    if (!folder.toFile().delete()) {
      throw new IllegalStateException("Could not delete " + folder);
    }
  }
}
