package io.outboxrelay.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs programs as an unprivileged user (id 65534) if this JVM runs as root, because some programs
 * refuse to run as root.
 */
public final class PrivilegeDropper {
  private static final int NOBODY = 65_534;

  private PrivilegeDropper() {}

  /**
   * Returns a command that runs {@code command}. If this JVM runs as root, the result begins with a
   * prefix that makes it run as the unprivileged user.
   */
  public static List<String> command(List<String> command) {
    if (!Executables.root()) {
      return command;
    }
    var setpriv =
        Executables.onPath("setpriv")
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "This program does not run as root, and setpriv, which could drop root's"
                            + " rights, is not installed. Run as another user, or install"
                            + " util-linux."));
    var all =
        new ArrayList<>(List.of(setpriv.toString(), "--reuid=" + NOBODY, "--regid=" + NOBODY));
    all.add("--clear-groups");
    all.addAll(command);
    return all;
  }

  /** Makes the user of {@link #command} the owner of a directory and its content. */
  public static void own(Path directory) {
    if (!Executables.root()) {
      return;
    }
    try (var paths = Files.walk(directory)) {
      for (var path : (Iterable<Path>) paths::iterator) {
        Files.setAttribute(path, "unix:uid", NOBODY);
        Files.setAttribute(path, "unix:gid", NOBODY);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Could not give " + directory + " to the user nobody", e);
    }
  }
}
