package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Holds the comments of all sources and the pages to the house's plain language: the subject is
 * named (operator, caller, relay, standby), and sentences do not begin with words that hide it.
 */
class ProseTest {
  private static final int LONGEST_LINE = 120;
  private static final Pattern PERSON =
      Pattern.compile(
          "\\b(who|whoever|whose|whom|whomever|nobody|somebody|everybody|anybody|anyone|someone|everyone)\\b",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern HIDDEN_SUBJECT =
      Pattern.compile("(?:^|[.!?]\\s+|@param \\w+ |@return )(What|Whether|Those|The same)\\b");
  private static final Pattern METHOD = Pattern.compile("\\bvoid (\\w+)\\(");
  private static final Pattern STRING_OR_COMMENT =
      Pattern.compile(
          "\"\"\"[\\s\\S]*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])+'"
              + "|(/\\*[\\s\\S]*?\\*/|//[^\\n]*)");

  @Test
  void commentsNameTheirSubject() throws IOException {
    var refused = new ArrayList<String>();
    for (var file : SourceFiles.of("/src/", ".java")) {
      var text = Files.readString(file);
      var tokens = STRING_OR_COMMENT.matcher(text);
      while (tokens.find()) {
        if (tokens.group(1) != null) {
          refuse(refused, file, lineOf(text, tokens.start()), plain(tokens.group(1)));
        }
      }
    }
    assertThat(refused).isEmpty();
  }

  /** Log lines, error messages and help texts are read by operators, and so are the console's. */
  @Test
  void textsForOperatorsNameTheirSubject() throws IOException {
    var refused = new ArrayList<String>();
    for (var module : List.of("relay-core", "relay-admin", "relay-app", "broker-", "connect-")) {
      for (var file : SourceFiles.of("src/main/java", ".java")) {
        if (SourceFiles.ROOT.relativize(file).toString().startsWith(module)) {
          texts(file).forEach((line, text) -> refuse(refused, file, line, text));
        }
      }
    }
    assertThat(refused).isEmpty();
  }

  @Test
  void scriptsOfTheConsoleNameTheirSubject() throws IOException {
    var refused = new ArrayList<String>();
    for (var file : SourceFiles.of("src/main/resources/console", ".js")) {
      int number = 0;
      for (var line : Files.readAllLines(file)) {
        refuse(refused, file, ++number, line.replaceFirst("^\\s*(/\\*\\*|\\*|//)\\s*", ""));
      }
    }
    assertThat(refused).isEmpty();
  }

  /** The name of a test is a sentence without spaces. */
  @Test
  void namesOfTestsNameTheirSubject() throws IOException {
    var refused = new ArrayList<String>();
    for (var file : SourceFiles.of("/src/test/", ".java")) {
      var text = Files.readString(file);
      var names = METHOD.matcher(text);
      while (names.find()) {
        refuse(refused, file, lineOf(text, names.start()), sentence(names.group(1)));
      }
    }
    assertThat(refused).isEmpty();
  }

  private static String sentence(String name) {
    String words = name.replaceAll("(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }

  private static Map<Integer, String> texts(Path file) throws IOException {
    var texts = new TreeMap<Integer, String>();
    var source = Files.readString(file);
    var tokens = STRING_OR_COMMENT.matcher(source);
    while (tokens.find()) {
      if (tokens.group(1) == null && !tokens.group().startsWith("\"\"\"")) {
        texts.merge(
            lineOf(source, tokens.start()), plainText(tokens.group()), (a, b) -> a + " " + b);
      }
    }
    return texts;
  }

  private static String plainText(String literal) {
    return literal.substring(1, literal.length() - 1);
  }

  @Test
  void pagesNameTheirSubjectAndKeepTheirLinesShort() throws IOException {
    var refused = new ArrayList<String>();
    for (var file : SourceFiles.of("", ".md")) {
      int number = 0;
      boolean code = false;
      for (var line : Files.readAllLines(file)) {
        number++;
        if (line.strip().startsWith("```")) {
          code = !code;
        }
        if (code) {
          continue;
        }
        refuse(refused, file, number, line.strip());
        // A row of a table cannot be broken.
        if (line.length() > LONGEST_LINE && !line.startsWith("|")) {
          refused.add(place(file, number) + "has " + line.length() + " characters");
        }
      }
    }
    assertThat(refused).isEmpty();
  }

  @Test
  void theRulesFindTheWordsThatTheyRefuse() {
    var refused = new ArrayList<String>();
    refuse(refused, SourceFiles.ROOT.resolve("a"), 1, "Tells whoever asks.");
    refuse(refused, SourceFiles.ROOT.resolve("a"), 2, "Is stored. What is stored is read.");
    refuse(refused, SourceFiles.ROOT.resolve("a"), 3, "Whether it is stored.");
    refuse(refused, SourceFiles.ROOT.resolve("a"), 4, "@param name What it is called");
    refuse(
        refused,
        SourceFiles.ROOT.resolve("a"),
        5,
        "The relay says what it stored, and the same again.");

    assertThat(refused).hasSize(4);
  }

  private static void refuse(List<String> refused, Path file, int line, String sentences) {
    for (var rule : List.of(PERSON, HIDDEN_SUBJECT)) {
      Matcher found = rule.matcher(sentences);
      if (found.find()) {
        refused.add(place(file, line) + '"' + found.group().strip() + "\" in: " + sentences);
      }
    }
  }

  private static String place(Path file, int line) {
    return SourceFiles.ROOT.relativize(file) + ":" + line + ": ";
  }

  private static String plain(String comment) {
    return comment
        .replaceAll("\\n\\s*\\*?", " ")
        .replaceAll("^/\\*+\\s*|^//\\s*|\\*/$", "")
        .replaceAll("\\s+", " ")
        .strip();
  }

  private static int lineOf(String text, int position) {
    return (int) text.substring(0, position).chars().filter(c -> c == '\n').count() + 1;
  }
}
