package io.outboxrelay.bench;

import java.io.IOException;
import java.util.List;

/** The bare loop in a fresh JVM, as cold at its start as the relay is. */
final class BareProcess {
  private BareProcess() {}

  static Process start(Stage stage) throws IOException {
    var postgres = stage.postgres;
    boolean kafka = stage.broker.name().equals("kafka");
    String address =
        String.valueOf(stage.broker.settings().get(kafka ? "bootstrap.servers" : "uri"));
    return new ProcessBuilder(
            List.of(
                "java",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "bare",
                "--jdbc=jdbc:postgresql://%s:%d/%s?sslmode=disable"
                    .formatted(postgres.host(), postgres.port(), stage.database.name()),
                "--password=" + postgres.password(),
                (kafka ? "--kafka=" : "--rabbitmq=") + address,
                "--destination=" + stage.destination()))
        .inheritIO()
        .start();
  }
}
