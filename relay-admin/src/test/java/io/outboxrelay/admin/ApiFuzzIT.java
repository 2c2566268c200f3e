package io.outboxrelay.admin;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.http.HttpMethod;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Sends the API valid and invalid requests, which are drawn from {@code openapi.yaml} for each
 * operation.
 *
 * <p>{@code -Dfuzz.seed=…} draws other requests, {@code -Dfuzz.rounds=…} sets their number.
 */
class ApiFuzzIT {
  private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 40);
  private static final long SEED = Long.getLong("fuzz.seed", 20261128);

  private AdminServerBench bench;

  @BeforeEach
  void create() throws SQLException {
    bench = new AdminServerBench();
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void noRequestFailsAndEachAnswerIsAsTheDocumentSays() throws SQLException {
    bench.broker().refuse(message -> String.valueOf(message.key()).startsWith("a-"));
    var caller = bench.started(Map.of()).caller();
    for (int i = 1; i <= 20; i++) {
      bench.commit("a-" + i % 4, i);
      bench.commit("b-" + i % 4, i);
    }
    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select count(*) from outbox_dead_letter").equals("20"));
    var contract = done(OpenApiDocument.read(bench.vertx()));
    var validator = ResponseValidator.create(bench.vertx(), contract);
    var requests = new RequestGenerator(OpenApiDocument.document(), new Random(SEED));
    var seen = new HashMap<String, Integer>();

    for (int round = 0; round < ROUNDS; round++) {
      for (var operation : contract.operations()) {
        var request =
            requests.of(
                operation.getOpenAPIPath(),
                operation.getHttpMethod().name().toLowerCase(Locale.ROOT));
        var asking = caller;
        for (var header : request.headers().entrySet()) {
          asking = asking.with(header.getKey(), header.getValue());
        }
        var answer =
            asking.ask(
                HttpMethod.valueOf(operation.getHttpMethod().name()),
                request.path(),
                request.body());
        String what =
            "seed "
                + SEED
                + ", round "
                + round
                + ": "
                + operation.getOperationId()
                + " "
                + request
                + " was answered "
                + answer.status()
                + " "
                + answer.body();
        boolean isProbe = request.path().startsWith("/health/");
        assertThat(answer.status()).as(what).isLessThan(isProbe ? 504 : 500);
        String type = answer.headers().getOrDefault("content-type", "").replaceAll(";.*", "");
        assertThat(type).as(what).isIn("application/json", "text/plain");
        if (type.equals("application/json")) {
          try {
            done(
                validator.validate(
                    ValidatableResponse.create(answer.status(), answer.body(), type),
                    operation.getOperationId()));
          } catch (RuntimeException e) {
            throw new AssertionError(what, e);
          }
        }
        if (answer.status() < 300) {
          seen.merge(operation.getOperationId(), 1, Integer::sum);
        }
      }
    }

    assertThat(seen)
        .as("operations that did something")
        .containsKeys(
            "getStatus",
            "listDeadLetters",
            "getDeadLetter",
            "retryDeadLetters",
            "discardDeadLetters",
            "pause",
            "startReplay",
            "findEvents");
    assertThat(caller.get("/health/live").status()).isEqualTo(200);
  }
}
