package io.outboxrelay.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @Test
  void readsEveryKindOfValue(@TempDir Path folder) throws Exception {
    Path file = Files.createFile(folder.resolve("ca.pem"));
    var settings =
        of(
            Map.of(
                "text", "words",
                "number", 7,
                "flag", "true",
                "wait", "1500 ms",
                "size", "64MiB",
                "day", "monday",
                "file", file.toString(),
                "names", "one, two,",
                "more-names", List.of("three", "four"),
                "password", "s3cret"));
    assertThat(settings.text("text", "")).isEqualTo("words");
    assertThat(settings.number("number", 0)).isEqualTo(7);
    assertThat(settings.flag("flag", false)).isTrue();
    assertThat(settings.duration("wait", Duration.ZERO)).isEqualTo(Duration.ofMillis(1500));
    assertThat(settings.size("size", 0)).isEqualTo(64L << 20);
    assertThat(settings.choice("day", DayOfWeek.FRIDAY)).isEqualTo(DayOfWeek.MONDAY);
    assertThat(settings.optionalFile("file")).contains(file);
    assertThat(settings.texts("names")).containsExactly("one", "two");
    assertThat(settings.texts("more-names")).containsExactly("three", "four");
    assertThat(settings.secret("password")).contains(new Secret("s3cret"));
    assertThatCode(settings::verify).doesNotThrowAnyException();
  }

  @Test
  void takesDefaultsWhereNothingIsThere() {
    var settings = of(Map.of());
    assertThat(settings.text("text", "words")).isEqualTo("words");
    assertThat(settings.duration("wait", Duration.ofDays(1))).isEqualTo(Duration.ofDays(1));
    assertThat(settings.optionalText("other")).isEmpty();
    assertThat(settings.texts("names")).isEmpty();
    assertThatCode(settings::verify).doesNotThrowAnyException();
  }

  @Test
  void nestedMapsAndDottedKeysAreTheSame() {
    var kafka = of(Map.of("kafka", Map.of("linger.ms", 5), "kafka.acks", "all")).section("kafka");
    assertThat(kafka.number("linger.ms", 0)).isEqualTo(5);
    assertThat(kafka.text("acks", "")).isEqualTo("all");
  }

  @Test
  void reportsAllMistakesAtOnce() {
    var settings =
        of(
            Map.of(
                "relay", Map.of("batch-size", 0, "poll-interval", "5 mins"),
                "kafka", Map.of("bootstrap-server", "localhost:9092")));
    int batch = settings.number("relay.batch-size", 500);
    settings.require(batch >= 1, "relay.batch-size", "must be at least 1");
    settings.duration("relay.poll-interval", Duration.ofMillis(200));
    settings.requiredText("kafka.bootstrap.servers");
    assertThatThrownBy(settings::verify)
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessage(
            """
            relay.yaml has 4 problems, so nothing was started:
              relay.batch-size = 0             must be at least 1
              relay.poll-interval = "5 mins"   is not a duration; write 200ms, 5s, 5m, 24h or 7d
              kafka.bootstrap.servers          is missing
              kafka.bootstrap-server           is unknown; did you mean kafka.bootstrap.servers?""");
  }

  @Test
  void saysWhatIsWrongWithEveryKindOfValue() {
    assertMistake("1.5", in -> in.number("key", 1), "key = 1.5   is not a whole number");
    assertMistake("9999999999", in -> in.number("key", 1), "is too large a number");
    assertMistake("yes", in -> in.flag("key", true), "key = \"yes\"   is neither true nor false");
    assertMistake("5", in -> in.duration("key", Duration.ZERO), "key = 5   is not a duration");
    assertMistake("9MB", in -> in.size("key", 1), "is not a size; write 512KiB or 64MiB");
    assertMistake("9999999999999GiB", in -> in.size("key", 1), "is too large a size");
    assertMistake("sunny", in -> in.choice("key", DayOfWeek.MONDAY), "is not one of monday, tue");
    assertMistake("/no/file", in -> in.optionalFile("key"), "key = \"/no/file\"   is not found");
    assertMistake("no.pem", in -> in.optionalFile("key"), "is not found in the folder /");
    assertMistake("/", in -> in.optionalFile("key"), "is a folder, not a file");
    assertMistake(
        "odd",
        in ->
            in.optionalParsed(
                "key",
                text -> {
                  throw new IllegalArgumentException("is odd");
                }),
        "key = \"odd\"   is odd");
  }

  @Test
  void aKeyGivenTwiceIsAMistake() {
    var settings = of(Map.of("kafka", Map.of("acks", "all"), "kafka.acks", "1"));
    settings.text("kafka.acks", "");
    assertThatThrownBy(settings::verify)
        .hasMessageContaining("kafka.acks   is there twice; keep one of them");
  }

  @Test
  void aSecretIsNeverShown() {
    var settings = of(Map.of("password", "s3cret", "uri", "amqp://me:s3c@ret@host/"));
    assertThat(settings.secret("password").toString()).doesNotContain("s3cret");
    settings.require(false, "password", "is too short");
    settings.optionalText("uri");
    settings.require(false, "uri", "has no path");
    assertThatThrownBy(settings::verify)
        .hasMessageContaining("password = [hidden]")
        .hasMessageContaining("uri = \"amqp://me:[hidden]@host/\"")
        .hasMessageNotContainingAny("s3", "ret@");
  }

  @Test
  void aSectionOfSecretsHasTheNamesOfTheConfiguration() {
    var variables = Map.of("OUTBOX_RELAY_TOKENS_BOB", "s3cond");
    var settings =
        Settings.of(
            "test",
            Map.of("tokens", Map.of("alice@home.org", "s3cret", "bob", "1")),
            new Environment(variables, Map.of()));
    assertThat(settings.section("tokens").secrets())
        .isEqualTo(Map.of("alice@home.org", new Secret("s3cret"), "bob", new Secret("s3cond")));
    assertThat(settings.inForce().toString())
        .contains("tokens.alice@home.org")
        .doesNotContain("s3c");
    settings.require(false, "tokens.bob", "is too short");
    assertThatThrownBy(settings::verify)
        .hasMessageContaining("has 1 problem")
        .hasMessageContaining("tokens.bob = [hidden]");
  }

  @Test
  void theRestIsHandedOnAndCountsAsRead() {
    var kafka = of(Map.of("kafka", Map.of("topic", "t", "acks", "all", "x.y", 1))).section("kafka");
    kafka.text("topic", "");
    assertThat(kafka.rest(Set.of("topic", "acks", "linger.ms"))).isEqualTo(Map.of("acks", "all"));
    assertThat(kafka.rest()).isEqualTo(Map.of("x.y", "1"));
    assertThatCode(kafka::verify).doesNotThrowAnyException();
  }

  @Test
  void namesHandedOnAreSuggestedToo() {
    var settings = of(Map.of("kafka", Map.of("linger-msec", 5)));
    settings.section("kafka").rest(Set.of("linger.ms", "acks"));
    assertThatThrownBy(settings::verify).hasMessageContaining("did you mean kafka.linger.ms?");
  }

  @Test
  void aSectionThatIsPassedOverHasMistakesOfItsOwn() {
    var settings =
        Settings.of(
            "test",
            Map.of(
                "one", Map.of("size", 5),
                "other", Map.of("size", "big", "sise", 1, "password", "${NOT_SET}")),
            new Environment(Map.of("OUTBOX_RELAY_OTHER_COLOR", "red"), Map.of()));
    settings.section("one").number("size", 1);
    var other = settings.section("other").passOver();
    other.number("size", 1);
    other.secret("password");
    other.requiredText("address");
    assertThatCode(settings::verify).doesNotThrowAnyException();
    assertThat(other.mistakes())
        .extracting(SettingProblem::key, SettingProblem::message)
        .containsExactlyInAnyOrder(
            tuple("other.size", "is not a whole number"),
            tuple("other.sise", "is unknown"),
            tuple("OUTBOX_RELAY_OTHER_COLOR", "is unknown"));
  }

  @Test
  void withoutAFileIsSaidHowToSetWhatIsMissing() {
    var variables = Map.of("OUTBOX_RELAY_DATABASE_TLS_MODE", "on");
    var settings = Settings.of(new Environment(variables, Map.of()));
    settings.requiredText("database.uri");
    settings.optionalText("database.tls.mode");
    settings.requiredText("broker");
    assertThatThrownBy(settings::verify)
        .hasMessage(
            """
            the environment (no file is named with -conf) has 2 problems, so nothing was started:
              database.uri   is missing; set OUTBOX_RELAY_DATABASE_URI
              broker         is missing; set OUTBOX_RELAY_BROKER""");
  }

  @Test
  void aSectionMayBeRefusedWithAReason() {
    var settings = of(Map.of("rabbitmq", Map.of("uri", "amqp://host", "exchange", "e")));
    settings.section("rabbitmq").refuse("is not read, as broker is kafka");
    assertThatThrownBy(settings::verify)
        .hasMessageContaining("has 2 problems")
        .hasMessageContaining("rabbitmq.uri = \"amqp://host\"   is not read, as broker is kafka");
  }

  @Test
  void knowsEverySettingThatWasReadWithItsDefaultAsItWouldBeWritten() {
    var settings = of(Map.of("b", Map.of("wait", "1s")));
    settings.requiredText("a");
    settings.section("b").duration("wait", Duration.ofMinutes(90));
    settings.section("b").duration("pause", Duration.ofMillis(2500));
    settings.size("c", 3 << 19);
    settings.choice("d", DayOfWeek.MONDAY);
    settings.duration("e", Duration.ofDays(1));
    assertThat(settings.known())
        .containsExactly(
            new SettingDescriptor("a", ""),
            new SettingDescriptor("b.pause", "2500ms"),
            new SettingDescriptor("b.wait", "90m"),
            new SettingDescriptor("c", "1536KiB"),
            new SettingDescriptor("d", "monday"),
            new SettingDescriptor("e", "24h"));
  }

  private static void assertMistake(String value, Consumer<Settings> read, String message) {
    var settings = of(Map.of("key", value));
    read.accept(settings);
    assertThatThrownBy(settings::verify).hasMessageContaining(message);
  }

  private static Settings of(Map<String, ?> nested) {
    return Settings.of("relay.yaml", nested);
  }
}
