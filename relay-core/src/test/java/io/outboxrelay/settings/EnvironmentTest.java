package io.outboxrelay.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EnvironmentTest {
  @Nested
  class Places {
    @Test
    void areFilledFromVariablesAndProperties() {
      var settings =
          of(
              Map.of("a", "${ONE}/${TWO_2}", "b", "${ONE:-other}", "c", "${NONE:-}${EMPTY:-full}"),
              Map.of("ONE", "1", "EMPTY", ""),
              Map.of("TWO_2", "$2\\"));
      assertThat(settings.text("a", "")).isEqualTo("1/$2\\");
      assertThat(settings.text("b", "")).isEqualTo("1");
      assertThat(settings.text("c", "")).isEqualTo("full");
    }

    @Test
    void inLowerCaseAreColumnsAndStay() {
      var settings = of(Map.of("topic", "${aggregate_type}.${headers.Tenant}"), Map.of(), Map.of());
      String topic = settings.template("topic", text -> text, "");
      assertThat(topic).isEqualTo("${aggregate_type}.${headers.Tenant}");
      assertThatCode(settings::verify).doesNotThrowAnyException();
    }

    @Test
    void thatNothingFillsAreMistakesInEverySettingButTemplates() {
      var settings =
          of(
              Map.of(
                  "a", "${lower}",
                  "b", "${FILE",
                  "c", "x${file:/run/x}",
                  "d", "${secret:x}",
                  "e.some", "${other}"),
              Map.of("OUTBOX_RELAY_F", "${ONE}"),
              Map.of());
      settings.text("a", "");
      settings.optionalParsed("b", text -> text);
      settings.texts("c");
      assertThat(settings.secret("d")).isEmpty();
      assertThat(settings.section("e").rest()).isEmpty();
      settings.secret("f");
      assertThatThrownBy(settings::verify)
          .hasMessageContaining("has 6 problems")
          .hasMessageContaining("a = \"${lower}\"          has ${lower}, which is not understood")
          .hasMessageContaining("b = \"${FILE\"            has ${, which is not understood here")
          .hasMessageContaining(
              "names a file with ${file:...}, which is read in the settings of secrets only")
          .hasMessageContaining("d = [hidden]            has a ${ that is not understood; write")
          .hasMessageContaining("e.some = \"${other}\"     has ${other}, which is not understood")
          .hasMessageContaining("f = [hidden]            has a ${ that is not understood");
    }

    @Test
    void thatAreNotSetAreMistakesReportedWithAllOthers() {
      var settings =
          of(Map.of("a", "${ONE}", "b", "${TWO}${ONE}", "c", "x"), Map.of("ONE", "1"), Map.of());
      settings.text("a", "");
      settings.requiredText("b");
      settings.number("c", 1);
      assertThatThrownBy(settings::verify)
          .hasMessage(
              """
              relay.yaml has 2 problems, so nothing was started:
                b         names the environment variable TWO, which is not set; export it, or write ${TWO:-default}
                c = "x"   is not a whole number""");
    }

    @Test
    void showWhatFillsThemIfTheyAreTheWholeValueAndOtherwiseThemselves() {
      var settings =
          of(Map.of("a", "${ONE}", "b", "1${TWO}"), Map.of("ONE", "high", "TWO", "s3c"), Map.of());
      settings.number("a", 1);
      settings.number("b", 1);
      assertThatThrownBy(settings::verify)
          .hasMessageContaining("a = \"high\" (${ONE})   is not a whole number")
          .hasMessageContaining("b = \"1${TWO}\"         is not a whole number")
          .hasMessageNotContaining("s3c");
    }

    @Test
    void areNotFilledInWhatTheEnvironmentGives() {
      var settings = of(Map.of("a", "${ONE}"), Map.of("ONE", "${TWO}"), Map.of());
      assertThat(settings.text("a", "")).isEmpty();
      assertThatThrownBy(settings::verify)
          .hasMessageContaining("a = \"${TWO}\" (${ONE})   has ${TWO}, which is not understood");
    }
  }

  @Nested
  class Overrides {
    private static final Map<String, ?> FILE =
        Map.of("database", Map.of("uri", "file", "connect-timeout", "file"));

    @Test
    void aVariableWinsOverTheFileAndAPropertyOverBoth() {
      var settings =
          of(
              FILE,
              Map.of(
                  "OUTBOX_RELAY_DATABASE_URI", "variable",
                  "OUTBOX_RELAY_DATABASE_CONNECT_TIMEOUT", "variable"),
              Map.of("outbox-relay.database.uri", "property"));
      assertThat(settings.text("database.connect-timeout", "")).isEqualTo("variable");
      assertThat(settings.text("database.uri", "")).isEqualTo("property");
      assertThatCode(settings::verify).doesNotThrowAnyException();
    }

    @Test
    void workForKeysThatTheFileDoesNotHave() {
      var kafka =
          of(
                  Map.of(),
                  Map.of("OUTBOX_RELAY_KAFKA_BOOTSTRAP_SERVERS", "one:9092"),
                  Map.of("outbox-relay.kafka.linger.ms", "5"))
              .section("kafka");
      assertThat(kafka.rest(Set.of("bootstrap.servers", "linger.ms", "acks")))
          .isEqualTo(Map.of("bootstrap.servers", "one:9092", "linger.ms", "5"));
      assertThatCode(kafka::verify).doesNotThrowAnyException();
    }

    @Test
    void ofTheRestAreTakenByThePropertysNameOrTheVariableInLowerCase() {
      var settings =
          of(
              Map.of("p", Map.of("search_path", "file")),
              Map.of("OUTBOX_RELAY_P_WORK_MEM", "1MB", "OUTBOX_RELAY_P_SEARCH_PATH", "variable"),
              Map.of("outbox-relay.p.a.B", "2"));
      assertThat(settings.section("p").rest())
          .isEqualTo(Map.of("search_path", "variable", "work_mem", "1MB", "a.B", "2"));
      assertThatCode(settings::verify).doesNotThrowAnyException();
    }

    @Test
    void fillThePlaceOfAVariableThatIsNotSet() {
      var settings = of(Map.of("a", "${ONE}"), Map.of("OUTBOX_RELAY_A", "variable"), Map.of());
      assertThat(settings.text("a", "")).isEqualTo("variable");
      assertThatCode(settings::verify).doesNotThrowAnyException();
    }

    @Test
    void thatAreUnknownAreMistakes() {
      var settings =
          of(
              Map.of(),
              Map.of("OUTBOX_RELAY_DATABASE_URL", "x", "PATH", "x"),
              Map.of("outbox-relay.database.connect.timeouts", "x", "java.home", "x"));
      settings.text("database.uri", "");
      settings.text("database.connect-timeout", "");
      assertThatThrownBy(settings::verify)
          .hasMessage(
              """
              relay.yaml has 2 problems, so nothing was started:
                OUTBOX_RELAY_DATABASE_URL                is unknown; did you mean OUTBOX_RELAY_DATABASE_URI?
                outbox-relay.database.connect.timeouts   is unknown; did you mean outbox-relay.database.connect-timeout?""");
    }

    @Test
    void showTheirValueAndTheVariableUnlessTheyAreSecret() {
      var settings =
          of(
              Map.of("b", "1"),
              Map.of(
                  "OUTBOX_RELAY_A", "high",
                  "OUTBOX_RELAY_C", "amqp://me:s3cret@host",
                  "OUTBOX_RELAY_D", "s3cret"),
              Map.of("outbox-relay.b", "some"));
      settings.number("a", 1);
      settings.number("c", 1);
      settings.secret("d");
      settings.require(false, "d", "is too short");
      settings.number("b", 1);
      assertThatThrownBy(settings::verify)
          .hasMessage(
              """
              relay.yaml has 4 problems, so nothing was started:
                a = "high" (OUTBOX_RELAY_A)                      is not a whole number
                c = "amqp://me:[hidden]@host" (OUTBOX_RELAY_C)   is not a whole number
                d = [hidden]                                     is too short
                b = "some" (-Doutbox-relay.b)                    is not a whole number""");
    }
  }

  private static Settings of(
      Map<String, ?> file, Map<String, String> variables, Map<String, String> properties) {
    return Settings.of("relay.yaml", file, new Environment(variables, properties));
  }
}
