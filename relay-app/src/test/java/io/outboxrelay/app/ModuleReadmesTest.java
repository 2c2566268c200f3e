package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each module has a README, and the classes and tests that it names exist in the module. */
class ModuleReadmesTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern MODULE = Pattern.compile("<module>(.+)</module>");
  private static final Pattern CLASS = Pattern.compile("`([A-Z][a-z]\\w*)(?:#\\w+)?`");
  private static final Pattern COMMAND =
      Pattern.compile("-pl (\\S+) [^`]*?-D(?:it\\.)?test=(\\w+(?:IT|Test))\\b");

  static List<String> modules() throws IOException {
    return MODULE
        .matcher(Files.readString(PROJECT.resolve("pom.xml")))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  @Test
  void thereAreModules() throws IOException {
    assertThat(modules()).hasSizeGreaterThan(10);
  }

  @ParameterizedTest
  @MethodSource("modules")
  void theReadmeOfAModuleIsTrue(String module) throws IOException {
    var readme = PROJECT.resolve(module).resolve("README.md");
    assertThat(readme).exists();
    var text = Files.readString(readme);

    assertThat(classes(text))
        .allSatisfy(name -> assertThat(declares(module, name)).as(name).isTrue());
    assertThat(COMMAND.matcher(text).results().toList())
        .allSatisfy(
            command ->
                assertThat(declares(command.group(1), command.group(2)))
                    .as(command.group())
                    .isTrue());
  }

  private static List<String> classes(String text) {
    return CLASS.matcher(text).results().map(found -> found.group(1)).distinct().toList();
  }

  /** A README may also name a class that its module uses. */
  private static boolean declares(String module, String name) throws IOException {
    try (var files = Files.walk(PROJECT.resolve(module).resolve("src"))) {
      var sources = files.filter(file -> file.toString().endsWith(".java")).toList();
      for (var source : sources) {
        if (source.endsWith(name + ".java")
            || Pattern.compile("\\b" + name + "\\b").matcher(Files.readString(source)).find()) {
          return true;
        }
      }
      return false;
    }
  }
}
