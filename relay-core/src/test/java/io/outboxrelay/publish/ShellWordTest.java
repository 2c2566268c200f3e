package io.outboxrelay.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellWordTest {
  @Test
  void aHarmlessTextIsNotQuoted() {
    assertThat(ShellWord.of("orders.events-1")).isEqualTo("orders.events-1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "=cmd|'/C calc'!A0.events",
        "$(touch x)`id`; rm -rf ~ && #",
        "a\nb",
        "--delete",
        "it's \\ \"quoted\"",
        "\u001b]0;title\u0007",
        "\u202eabc"
      })
  void aShellReadsItAsOneWord(String text) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder("bash", "-c", "LC_ALL=C.UTF-8; printf '%s' " + ShellWord.of(text))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isZero();
    assertThat(said).isEqualTo(text);
    assertThat(ShellWord.of(text)).doesNotContain("\u001b", "\n", "\u202e");
  }
}
