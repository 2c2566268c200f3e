package io.outboxrelay.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files of all modules in the working tree, without the output of builds and runs. */
final class SourceFiles {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final List<String> GENERATED = List.of("/target/", "/node_modules/", "/.demo/");

  private SourceFiles() {}

  /** Returns the files with {@code under} in their path and {@code ending} at its end, sorted. */
  static List<Path> of(String under, String ending) throws IOException {
    try (var all = Files.walk(ROOT)) {
      return all.filter(file -> file.toString().endsWith(ending))
          .filter(file -> file.toString().contains(under))
          .filter(file -> GENERATED.stream().noneMatch(file.toString()::contains))
          .sorted()
          .toList();
    }
  }
}
