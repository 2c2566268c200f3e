package io.outboxrelay.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file system of its own that can be filled to the last byte; for a tablespace, say. */
public final class SmallDisk implements AutoCloseable {
  private static final int CHUNK = 1 << 16;

  private final Path folder;
  private final Path filler;
  private final Thread unmounting = new Thread(this::unmount);

  private SmallDisk(Path folder) {
    this.folder = folder;
    this.filler = folder.resolve("filler");
  }

  /** Whether there can be one: that is root's right, and not in every container. */
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

  /** Makes one that servers started by the test kit may write to. */
  public static SmallDisk ofMebibytes(int size) throws IOException {
    var disk = new SmallDisk(Files.createTempDirectory("outbox-relay-disk-"));
    Executables.run(
        List.of(
            "mount", "-t", "tmpfs", "-o", "size=" + size + "m", "tmpfs", disk.folder.toString()));
    Runtime.getRuntime().addShutdownHook(disk.unmounting);
    return disk;
  }

  /** An empty folder on it, owned by the user that servers run as. */
  public Path newFolder(String name) throws IOException {
    var made = Files.createDirectory(folder.resolve(name));
    PrivilegeDropper.own(made);
    return made;
  }

  /** Leaves no byte free. */
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

  /** Takes back what {@link #fill} did. */
  public void free() throws IOException {
    Files.delete(filler);
  }

  /** Lets go of it, with all that is on it; whoever has a file of it open keeps that. */
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
