package io.outboxrelay.app;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The name of a type leads to one file, and the architecture page names only types that exist. */
class NamesTest {
  private static final Pattern TYPE = Pattern.compile("`([A-Z][A-Za-z]+)`");

  /** The two broker modules are laid out alike: the same role has the same name in both. */
  private static final Set<String> BROKER_MODULES = Set.of("broker-kafka", "broker-rabbitmq");

  @Test
  void noTwoMainTypesShareASimpleName() throws IOException {
    var modulesByName =
        mainTypes()
            .collect(
                groupingBy(
                    NamesTest::name, mapping(NamesTest::module, toCollection(TreeSet::new))));
    var shared =
        mainTypes().collect(groupingBy(NamesTest::name)).entrySet().stream()
            .filter(entry -> entry.getValue().size() > 1)
            .filter(
                entry ->
                    entry.getValue().size() > 2
                        || !BROKER_MODULES.equals(modulesByName.get(entry.getKey())))
            .toList();

    assertThat(shared).isEmpty();
  }

  @Test
  void theArchitecturePageNamesTypesThatAreThere() throws IOException {
    var names = mainTypes().map(NamesTest::name).collect(toCollection(TreeSet::new));
    var page = Files.readString(SourceFiles.ROOT.resolve("docs/architecture.md"));
    var named = TYPE.matcher(page).results().map(found -> found.group(1)).toList();

    assertThat(named).hasSizeGreaterThan(30);
    var tests = List.of("ArchitectureTest");
    assertThat(named)
        .allSatisfy(
            type -> assertThat(names.contains(type) || tests.contains(type)).as(type).isTrue());
  }

  private static Stream<Path> mainTypes() throws IOException {
    return SourceFiles.of("src/main/java", ".java").stream()
        .filter(file -> !file.endsWith("package-info.java"));
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".java", "");
  }

  private static String module(Path file) {
    return SourceFiles.ROOT.relativize(file).getName(0).toString();
  }
}
