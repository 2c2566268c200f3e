package io.outboxrelay.example;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.environment.ExampleEnvironment;
import io.outboxrelay.testkit.BrokerType;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The service with a real broker, relay and database, tested over HTTP. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class EmployeeServiceContract {
  private static final String NOBODY = "/employees/00000000-0000-0000-0000-000000000000";

  private final BrokerType choice;
  private ExampleEnvironment stage;
  private Client client;

  EmployeeServiceContract(BrokerType choice) {
    this.choice = choice;
  }

  @BeforeAll
  void startEverything() throws Exception {
    var folder = Path.of("target", "it-" + choice).toAbsolutePath();
    stage = ExampleEnvironment.start(Path.of("..", ".."), folder, choice, 0, false, line -> {});
    client = new Client(stage.service());
  }

  @AfterAll
  void endEverything() throws Exception {
    int code = stage.stopRelay();
    stage.close();
    assertThat(code).as("the relay's exit code; its log is in " + stage.folder()).isZero();
  }

  @Test
  void everyChangeIsInTheDirectoryOnceAndInOrder() throws Exception {
    var ada = client.add("Ada");
    client.move(ada, 1, "Engines");
    client.move(ada, 2, "Looms");

    assertThat(client.read(ada, 3))
        .isEqualTo(
            JsonObject.of(
                "id",
                ada,
                "version",
                3,
                "name",
                "Ada",
                "department",
                "Looms",
                "gone",
                false,
                "history",
                JsonArray.of(1, 2, 3)));
    client.ask("DELETE", "/employees/" + ada + "?version=3", "");
    assertThat(client.read(ada, 4).getBoolean("gone")).isTrue();
    assertThat(client.ask("GET", "/employees/" + ada, "").status()).isEqualTo(404);
    awaitAgreement();
  }

  @Test
  void ofTwoChangesOfOneVersionTheLaterIsRefused() throws Exception {
    var ada = client.add("Ada");

    assertThat(client.move(ada, 1, "Engines").status()).isEqualTo(200);
    var second = client.move(ada, 1, "Looms");
    assertThat(second.status()).isEqualTo(409);
    assertThat(second.json().getString("error"))
        .isEqualTo("employee %s is at version 2, not 1; read it and decide again".formatted(ada));
    assertThat(client.read(ada, 2).getJsonArray("history")).isEqualTo(JsonArray.of(1, 2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "POST   | /employees              | {                          | 400 | the body is not a JSON object",
        "POST   | /employees              | [1]                        | 400 | the body is not a JSON object",
        "POST   | /employees              | {}                         | 400 | name has to be a text of 1 to 100 characters; department has",
        "POST   | /employees              | {\"name\": 7}              | 400 | name has to be a text",
        "PUT    | "
            + NOBODY
            + "          | {\"version\": \"one\"}     | 400 | ; version has to be the number of the version",
        "DELETE | " + NOBODY + "          |                            | 400 | version is missing",
        "DELETE | "
            + NOBODY
            + "?version=1 |                           | 404 | there is no employee 0000",
        "GET    | "
            + NOBODY
            + "          |                            | 404 | there is no employee 0000",
        "GET    | /employees/17           |                            | 400 | \"17\" is not the id of an employee",
        "GET    | /wages                  |                            | 404 | there is nothing here",
        "PATCH  | /employees              |                            | 405 | this cannot be done here",
      })
  void badInputIsAnsweredWithASentence(
      String method, String path, String body, int status, String sentence) throws Exception {
    var answer = client.ask(method, path, body == null ? "" : body);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().getString("error")).contains(sentence);
  }

  @Test
  void aBodyThatIsTooLargeIsRefused() throws Exception {
    var answer = client.ask("POST", "/employees", "x".repeat(20_000));

    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.json().getString("error")).isEqualTo("the body is larger than 16384 bytes");
  }

  @Test
  void textsArriveAsTheyAre() throws Exception {
    var name = "Zoë \"Ж\" \uD83E\uDDF5 '; drop table employee; --\n\t\\";
    var id = client.add(name);

    assertThat(client.read(id, 1).getString("name")).isEqualTo(name);
  }

  @Test
  void eventsThatAKilledRelayRepeatsAreHandledOnce() throws Exception {
    var before = changed(20);
    stage.replaceRelay();
    var after = changed(20);

    assertHistories(before, 2);
    assertHistories(after, 2);
    awaitAgreement();
  }

  @Test
  void changesWrittenWhileTheBrokerIsAwayArriveLater() throws Exception {
    var before = changed(5);
    stage.broker().stop();
    List<String> during;
    try {
      during = changed(5);
      for (var id : before) {
        assertThat(client.move(id, 2, "Looms").status()).isEqualTo(200);
      }
    } finally {
      stage.broker().restart();
    }
    assertHistories(before, 3);
    assertHistories(during, 2);
    awaitAgreement();
  }

  /** Adds so many employees, changes each once, and returns their ids. */
  private List<String> changed(int count) throws Exception {
    var ids = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      var id = client.add("Ada");
      assertThat(client.move(id, 1, "Engines").status()).isEqualTo(200);
      ids.add(id);
    }
    return ids;
  }

  private void assertHistories(List<String> ids, int version) throws Exception {
    var versions = new JsonArray(IntStream.rangeClosed(1, version).boxed().toList());
    for (var id : ids) {
      assertThat(client.read(id, version).getJsonArray("history")).isEqualTo(versions);
    }
  }

  /**
   * Waits until both sides agree, also about changes of other tests. An event in flight is a
   * temporary difference.
   */
  private void awaitAgreement() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              var agreement = client.get("/agreement");
              assertThat(agreement.getBoolean("agree")).as(agreement.encode()).isTrue();
            });
  }
}
