package io.outboxrelay.bench;

import java.io.IOException;
import java.util.List;

/** The bare loop in a fresh JVM, as cold at its start as the relay is. */
final class BaselineProcess implements AutoCloseable {
  private final Process process;

  private BaselineProcess(Process process) {
    this.process = process;
  }

  long pid() {
    return process.pid();
  }

  /** Lets it end, which it does not by itself. */
  @Override
  public void close() throws IOException, InterruptedException {
    process.getOutputStream().close();
    process.waitFor();
  }

  static BaselineProcess start(BenchmarkEnvironment stage) throws IOException {
    var postgres = stage.postgres;
    boolean kafka = stage.broker.name().equals("kafka");
    String address =
        String.valueOf(stage.broker.settings().get(kafka ? "bootstrap.servers" : "uri"));
    var command =
        List.of(
            "java",
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            BenchMain.class.getName(),
            "bare",
            "--jdbc=jdbc:postgresql://%s:%d/%s?sslmode=disable"
                .formatted(postgres.host(), postgres.port(), stage.database.name()),
            "--password=" + postgres.password(),
            (kafka ? "--kafka=" : "--rabbitmq=") + address,
            "--destination=" + stage.destination());
    return new BaselineProcess(
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }
}
