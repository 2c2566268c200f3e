package io.outboxrelay.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The guide shows the example's code as it is. */
class BrokerModuleGuideTest {
  private static final Path GUIDE = Path.of("../docs/writing-a-broker-module.md");
  private static final Path EXAMPLE = Path.of("src/test/java/io/outboxrelay/ledger");
  private static final Pattern SNIPPET = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void everySnippetIsAPieceOfTheExample() throws IOException {
    var sources = sources();
    var snippets = new ArrayList<String>();
    var matcher = SNIPPET.matcher(Files.readString(GUIDE));
    while (matcher.find()) {
      snippets.add(matcher.group(1));
    }

    assertThat(snippets)
        .hasSizeGreaterThan(5)
        .allSatisfy(
            snippet -> assertThat(sources).anySatisfy(code -> assertThat(code).contains(snippet)));
  }

  private static List<String> sources() throws IOException {
    try (var files = Files.list(EXAMPLE)) {
      return files.map(BrokerModuleGuideTest::read).toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
