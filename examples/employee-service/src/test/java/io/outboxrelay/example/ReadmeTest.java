package io.outboxrelay.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The source contains each snippet that the documents quote. */
class ReadmeTest {
  private static final Path PROJECT = Path.of("..", "..");

  /** Matches {@code <!-- from PATH -->} and the block of code after it. */
  private static final Pattern QUOTE =
      Pattern.compile("<!-- from (\\S+) -->\\s*```\\w*\n(.*?)```", Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "examples/employee-service/README.md"})
  void quotesAreTrue(String document) throws Exception {
    var text = Files.readString(PROJECT.resolve(document));
    var quote = QUOTE.matcher(text);
    int quotes = 0;
    while (quote.find()) {
      quotes++;
      assertThat(withoutIndentation(Files.readString(PROJECT.resolve(quote.group(1)))))
          .as(quote.group(1) + " as " + document + " quotes it")
          .contains(withoutIndentation(quote.group(2)));
    }
    assertThat(quotes).isPositive();
  }

  private static String withoutIndentation(String text) {
    return text.replaceAll("(?m)^ +", "");
  }
}
