package io.outboxrelay.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The SQL in docs/inbox.md runs unchanged, and its Java is compiled in {@link GuideSnippets}. */
class InboxGuideIT {
  private static final Path GUIDE = Path.of("..", "docs", "inbox.md");
  private static final Path SNIPPETS =
      Path.of("src", "test", "java", "io", "outboxrelay", "inbox", "GuideSnippets.java");

  @Test
  void itsJavaIsCompiled() throws Exception {
    var source = withoutIndentation(Files.readString(SNIPPETS));
    assertThat(blocks("java")).hasSize(2);
    for (var block : blocks("java")) {
      for (var part : block.split("\n\n")) {
        assertThat(source).contains(withoutIndentation(part.strip()));
      }
    }
  }

  private static String withoutIndentation(String text) {
    return text.replaceAll("(?m)^ +", "");
  }

  @Test
  void theTablesAreThoseOfTheLibrary() throws Exception {
    assertThat(sql().get(0)).isEqualTo(InboxTable.named("inbox").script());
  }

  @Test
  void theStatementsForOtherLanguagesTellRepeatsAndOvertakes() throws Exception {
    var blocks = sql();
    var note = blocks.get(1);
    var place = blocks.get(2);
    try (var database = PostgresServer.shared().createDatabase();
        var connection = database.connect();
        var statement = connection.createStatement()) {
      statement.execute(blocks.get(0));

      assertThat(rows(statement, note)).as("new").isOne();
      assertThat(rows(statement, place)).as("in order").isOne();
      statement.execute(blocks.get(3));
      assertThat(rows(statement, note)).as("repeated").isZero();
      assertThat(rows(statement, place.replace("8812", "8811"))).as("overtaken").isZero();
      assertThat(rows(statement, place.replace("8812", "8813"))).as("in order").isOne();
      statement.execute("rollback; update inbox set handled_at = now() - interval '9 days'");
      assertThat(statement.executeUpdate(blocks.get(4))).as("forgotten").isOne();
    }
  }

  /**
   * Returns the rows of the last result, because the statement that begins a transaction has none.
   */
  private static int rows(Statement statement, String sql) throws SQLException {
    boolean isResult = statement.execute(sql);
    int rows = -1;
    while (isResult || statement.getUpdateCount() >= 0) {
      rows = isResult ? count(statement.getResultSet()) : rows;
      isResult = statement.getMoreResults();
    }
    return rows;
  }

  private static int count(ResultSet result) throws SQLException {
    int rows = 0;
    while (result.next()) {
      rows++;
    }
    return rows;
  }

  private static List<String> sql() throws Exception {
    var blocks = blocks("sql");
    assertThat(blocks).hasSize(5);
    return blocks;
  }

  private static List<String> blocks(String language) throws Exception {
    var block = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL);
    return block.matcher(Files.readString(GUIDE)).results().map(found -> found.group(1)).toList();
  }
}
