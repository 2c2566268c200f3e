package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts are run by the shells that are installed; bash always is. */
class CompletionTest {
  /**
   * Types a line and a tabulator into a zsh on a pseudo terminal. Control-X twice has that shell
   * show its line, because the terminal itself gets only the characters that change.
   */
  private static final String PRESS_TAB =
      """
      zmodload zsh/zpty
      zpty shell TERM=dumb zsh -f -i
      zpty -w shell 'PS1=; show() { print -r -- "<$BUFFER>"; BUFFER= }; zle -N show
      bindkey "^X^X" show; source '$1'; print LOA""DED'
      zpty -r shell said '*LOADED*'
      zpty -w -n shell "$2"$'\\t\\030\\030'
      zpty -r shell said '*<outbox-relay*>*'
      print -r -- "$said"
      """;

  @TempDir private Path folder = Path.of("");

  private Path script(String shell) throws IOException {
    var out = new StringWriter();
    var command = RelayCommand.commandLine().setOut(new PrintWriter(out, true));
    assertThat(command.execute("completion", shell)).isZero();
    return Files.writeString(folder.resolve("completion." + shell), out.toString());
  }

  private static String run(String... command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  /** Returns the completions that bash offers after these words. */
  private String offered(Path script, String... words) throws Exception {
    var list = new ArrayList<>(List.of(words));
    String quoted = "'" + String.join("' '", list) + "'";
    return run(
        "bash",
        "-c",
        "source '%s'; COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE=\"${COMP_WORDS[*]}\"; COMP_POINT=${#COMP_LINE}; _complete_outbox-relay; printf '%%s\n' \"${COMPREPLY[@]}\""
            .formatted(script, quoted, words.length - 1));
  }

  @Test
  void bashCompletesCommandsOptionsAndValues() throws Exception {
    var script = script("bash");
    assertThat(offered(script, "outbox-relay", "dead-l").lines()).contains("dead-letters");
    assertThat(offered(script, "outbox-relay", "dead-letters", "dis").lines()).contains("discard");
    assertThat(offered(script, "outbox-relay", "dead-letters", "discard", "--inc").lines())
        .contains("--including-blocked", "--including-deferred");
    assertThat(offered(script, "outbox-relay", "status", "--output", "j").lines()).contains("json");
    assertThat(offered(script, "outbox-relay", "completion", "fi").lines()).contains("fish");
  }

  @Test
  void zshCompletesCommandsOptionsAndValues() throws Exception {
    var script = script("zsh");
    assertThat(script).content().contains("bashcompinit");
    assumeThat(isThere("zsh")).isTrue();
    assertThat(completedByZsh(script, "outbox-relay dead-l"))
        .isEqualTo("outbox-relay dead-letters");
    assertThat(completedByZsh(script, "outbox-relay dead-letters dis"))
        .isEqualTo("outbox-relay dead-letters discard");
    assertThat(completedByZsh(script, "outbox-relay dead-letters discard --including-b"))
        .isEqualTo("outbox-relay dead-letters discard --including-blocked");
    assertThat(completedByZsh(script, "outbox-relay status --output j"))
        .isEqualTo("outbox-relay status --output json");
  }

  /** Returns the line of an interactive zsh after the tabulator key was pressed behind it. */
  private String completedByZsh(Path script, String line) throws Exception {
    var program = Files.writeString(folder.resolve("press-tab.zsh"), PRESS_TAB);
    String said = run("zsh", "-f", program.toString(), script.toString(), line);
    var shown = Pattern.compile("(?s).*<(outbox-relay [^>]*)>").matcher(said);
    assertThat(shown.lookingAt()).as(said).isTrue();
    return shown.group(1).strip();
  }

  @Test
  void fishCompletesCommandsAndOptions() throws Exception {
    var script = script("fish");
    assertThat(script)
        .content()
        .contains(
            "-a dead-letters -d ", "__fish_seen_subcommand_from discard", "-l including-blocked")
        .doesNotContain("<", "null");
    assumeThat(isThere("fish")).isTrue();
    assertThat(offeredByFish(script, "outbox-relay dead-l")).startsWith("dead-letters\t");
    assertThat(offeredByFish(script, "outbox-relay dead-letters dis")).startsWith("discard\t");
    assertThat(offeredByFish(script, "outbox-relay dead-letters discard --inc").lines())
        .hasSize(2)
        .anyMatch(line -> line.startsWith("--including-blocked\t"));
    assertThat(offeredByFish(script, "outbox-relay status --output j")).startsWith("json\t");
    assertThat(offeredByFish(script, "outbox-relay completion fi")).startsWith("fish");
    assertThat(offeredByFish(script, "outbox-relay status --including-b")).isBlank();
    assertThat(offeredByFish(script, "outbox-relay help dead-l")).startsWith("dead-letters");
    assertThat(offeredByFish(script, "outbox-relay help dead-letters dis")).startsWith("discard");
  }

  private static String offeredByFish(Path script, String line) throws Exception {
    return run(
        "fish", "--no-config", "-c", "source '%s'; complete -C '%s'".formatted(script, line));
  }

  private static boolean isThere(String program) {
    return Stream.of(String.valueOf(System.getenv("PATH")).split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
