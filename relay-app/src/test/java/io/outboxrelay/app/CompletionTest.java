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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts are run by the shells that are installed; bash always is. */
class CompletionTest {
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
  void zshReadsItsScript() throws Exception {
    var script = script("zsh");
    assertThat(script).content().contains("bashcompinit");
    assumeThat(isThere("zsh")).isTrue();
    assertThat(run("zsh", "-fc", "source '%s'; whence -w _complete_outbox-relay".formatted(script)))
        .contains("function");
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
    assertThat(
            run(
                "fish",
                "--no-config",
                "-c",
                "source '%s'; complete -C 'outbox-relay dead-letters dis'".formatted(script)))
        .contains("discard");
  }

  private static boolean isThere(String program) {
    return Stream.of(String.valueOf(System.getenv("PATH")).split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
