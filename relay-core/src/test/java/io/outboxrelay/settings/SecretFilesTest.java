package io.outboxrelay.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFilesTest {
  @TempDir private Path folder = Path.of("set by JUnit");

  @ParameterizedTest
  @ValueSource(strings = {"s3c ret", "s3c ret\n", "s3c ret\r\n", "s3c ret\n\n"})
  void theLineEndsBehindASecretDoNotBelongToIt(String content) throws IOException {
    var settings = of(Map.of("a.password-file", file(content)));
    assertThat(settings.section("a").secret("password").orElseThrow().value()).isEqualTo("s3c ret");
    assertThatCode(settings::verify).doesNotThrowAnyException();
  }

  @Test
  void aFileIsReadAgainWheneverTheSecretIsAskedFor() throws IOException {
    String file = file("one");
    var secret = of(Map.of("password-file", file)).secret("password").orElseThrow();
    assertThat(secret.value()).isEqualTo("one");
    Files.writeString(Path.of(file), "two\n");
    assertThat(secret.value()).isEqualTo("two");
    Files.delete(Path.of(file));
    assertThatThrownBy(secret::value)
        .isInstanceOf(SecretFileException.class)
        .hasMessage("the file " + file + ", which password-file names, is not found");
  }

  @Test
  void aVariableOrAPropertyNamesTheFileToo() throws IOException {
    var settings =
        Settings.of(
            "test",
            Map.of(),
            new Environment(
                Map.of("OUTBOX_RELAY_DATABASE_PASSWORD_FILE", file("one")),
                Map.of("outbox-relay.admin.token-file", file("two"))));
    assertThat(settings.section("database").secret("password").orElseThrow().value())
        .isEqualTo("one");
    assertThat(settings.secret("admin.token").orElseThrow().value()).isEqualTo("two");
    assertThatCode(settings::verify).doesNotThrowAnyException();
  }

  @Test
  void aPlaceInALongerSecretNamesAFile() throws IOException {
    String jaas =
        "Login required username=\"relay\" password=\"${file:" + file("a$1\\b\n") + "}\";";
    var settings = of(Map.of("jaas", jaas));
    assertThat(settings.secret("jaas").orElseThrow().value())
        .isEqualTo("Login required username=\"relay\" password=\"a$1\\b\";");
    assertThatCode(settings::verify).doesNotThrowAnyException();
  }

  @Test
  void theContentOfAFileIsTakenAsItIs() throws IOException {
    var settings = of(Map.of("password-file", file("${NAME}${file:/x}")));
    assertThat(settings.secret("password").orElseThrow().value()).isEqualTo("${NAME}${file:/x}");
    assertThatCode(settings::verify).doesNotThrowAnyException();
  }

  @Test
  void aFileThatCannotBeUsedIsAMistakeWithItsPathAndTheReason() throws IOException {
    assertMistake("/nowhere/pw", "names the file /nowhere/pw, which is not found");
    assertMistake("pw", "names the file pw, which is not found in the folder /");
    assertMistake(folder.toString(), "is a folder, not a file");
    assertMistake("/dev/null", "names the file /dev/null, which is not a regular file");
    assertMistake(file(""), "which is empty");
    assertMistake(file("\r\n"), "which is empty");
    assertMistake(file("x".repeat((1 << 20) + 1)), "is larger than 1 MiB, so it holds no secret");
    Path binary = Path.of(file(""));
    Files.write(binary, new byte[] {(byte) 0xC3, 1});
    assertMistake(binary.toString(), "is not a text in UTF-8");
  }

  @Test
  void aFileThatMayNotBeReadIsAMistake() throws IOException {
    Path file = Path.of(file("s3cret"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(file), "this user may read everything");
    assertMistake(file.toString(), "cannot be read: the user ");
  }

  @Test
  void aSecretAndItsFileTogetherAreAMistake() throws IOException {
    var settings = of(Map.of("a", Map.of("password", "s3cret", "password-file", file("s3cret"))));
    assertThat(settings.section("a").secret("password")).isEmpty();
    assertThatThrownBy(settings::verify)
        .hasMessageContaining("a.password-file = ")
        .hasMessageContaining("is there and a.password too; keep one of them")
        .hasMessageContaining("has 1 problem")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void secretsWithNamesOfTheWritersHaveFilesToo() throws IOException {
    var settings =
        Settings.of(
            "test",
            Map.of("tokens", Map.of("alice-file", file("one"), "bob", "two")),
            new Environment(Map.of("OUTBOX_RELAY_TOKENS_CAROL_FILE", file("three")), Map.of()));
    var tokens = settings.section("tokens").secrets();
    assertThat(tokens.keySet()).containsExactly("alice", "bob", "carol");
    assertThat(tokens.values().stream().map(Secret::value)).containsExactly("one", "two", "three");
    assertThatCode(settings::verify).doesNotThrowAnyException();
  }

  @Test
  void propertiesOfAClientThatAreSecretHaveFilesToo() throws IOException {
    var settings =
        of(Map.of("kafka", Map.of("ssl.key.password-file", file("one"), "p.x", "${file:/no/pw}")));
    var kafka = settings.section("kafka");
    assertThat(kafka.secrets(Set.of("ssl.key.password", "sasl.jaas.config")))
        .hasSize(1)
        .allSatisfy((name, secret) -> assertThat(secret.value()).isEqualTo("one"));
    kafka.section("p").secretRest();
    assertThatThrownBy(settings::verify)
        .hasMessageContaining("has 1 problem")
        .hasMessageContaining("kafka.p.x = [hidden]   names the file /no/pw, which is not found");
  }

  private void assertMistake(String path, String message) {
    Consumer<Map<String, String>> fails =
        file -> {
          var settings = of(file);
          settings.secret("password");
          assertThatThrownBy(settings::verify)
              .hasMessageContaining("password")
              .hasMessageContaining(message);
        };
    fails.accept(Map.of("password-file", path));
    fails.accept(Map.of("password", "${file:" + path + "}"));
  }

  private String file(String content) throws IOException {
    Path file = Files.createTempFile(folder, "secret", "");
    return Files.writeString(file, content).toString();
  }

  private static Settings of(Map<String, ?> nested) {
    return Settings.of("relay.yaml", nested);
  }
}
