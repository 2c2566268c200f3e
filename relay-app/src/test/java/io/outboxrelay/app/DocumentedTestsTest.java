package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The tests that the documents name exist, and each promise and fault of reliability.md names one.
 */
class DocumentedTestsTest {
  private static final Path ROOT = Path.of("..");
  private static final Path RELIABILITY = ROOT.resolve("docs/reliability.md");

  /** A class of tests, one of its methods, or a method of the class named before. */
  private static final Pattern NAMED =
      Pattern.compile("`((?!Foo)[A-Z][a-z]\\w*(?:IT|Test))?(?:#(\\w+))?`");

  /** A test, a suite or a benchmark; a promise can also refer to the faults. */
  private static final Pattern SHOWN =
      Pattern.compile("(IT|Test)\\b|chaos|load-tests|rows of the table below");

  private static final Pattern PARENT = Pattern.compile("\\bclass \\w+ extends (\\w+)");

  private final Map<String, String> sources = sources();

  @Test
  void eachTestThatADocumentNamesExists() throws IOException {
    var missing = new ArrayList<String>();
    int named = 0;
    for (var document : documents()) {
      String type = "";
      for (var found : NAMED.matcher(Files.readString(document)).results().toList()) {
        String method = found.group(2);
        if (found.group(1) != null) {
          type = found.group(1);
        } else if (method == null) {
          continue;
        }
        named++;
        if (!exists(type, method)) {
          missing.add(document + ": " + found.group());
        }
      }
    }

    assertThat(missing).isEmpty();
    assertThat(named).isGreaterThan(100);
  }

  @Test
  void eachPromiseNamesHowItIsShownAndItsLimits() throws IOException {
    var promises = rows("## Promises and limits", "## Faults, one by one");

    assertThat(promises)
        .hasSizeGreaterThan(15)
        .allSatisfy(
            row -> {
              assertThat(row).hasSize(3).noneMatch(String::isBlank);
              assertThat(row.get(1)).containsPattern(SHOWN);
            });
  }

  @Test
  void eachFaultNamesHowItIsShown() throws IOException {
    assertThat(rows("## Faults, one by one", "## How long a fail-over takes"))
        .hasSizeGreaterThan(60)
        .allSatisfy(
            row -> {
              assertThat(row).hasSize(3).noneMatch(String::isBlank);
              assertThat(row.get(2)).containsPattern(SHOWN);
            });
  }

  /** Returns the cells of the rows of all tables of a section, without their heads. */
  private static List<List<String>> rows(String from, String to) throws IOException {
    var lines = Files.readAllLines(RELIABILITY);
    return lines.subList(lines.indexOf(from), lines.indexOf(to)).stream()
        .filter(line -> line.startsWith("| ") && !line.matches("\\| (promise|fault) \\|.*"))
        .map(line -> line.substring(1, line.length() - 1).split(" \\| ", -1))
        .map(cells -> Arrays.stream(cells).map(String::strip).toList())
        .toList();
  }

  private static List<Path> documents() throws IOException {
    var documents = new ArrayList<Path>();
    for (var folder : List.of(ROOT, ROOT.resolve("docs"))) {
      try (var files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
      }
    }
    return documents;
  }

  /** A class also has the tests of the class that it extends. */
  private boolean exists(String type, @Nullable String method) {
    String source = sources.get(type);
    if (source == null) {
      return false;
    }
    if (method == null || source.contains("void " + method + "(")) {
      return true;
    }
    var parent = PARENT.matcher(source);
    return parent.find() && exists(parent.group(1), method);
  }

  private static Map<String, String> sources() {
    var sources = new HashMap<String, String>();
    try (var files = Files.walk(ROOT)) {
      var tests =
          files
              .filter(file -> file.toString().contains("/src/test/java/"))
              .filter(file -> file.toString().endsWith(".java"))
              .toList();
      for (var test : tests) {
        String name = test.getFileName().toString().replace(".java", "");
        sources.put(name, Files.readString(test));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sources;
  }
}
