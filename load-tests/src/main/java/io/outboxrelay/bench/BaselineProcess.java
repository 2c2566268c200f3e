package io.outboxrelay.bench;

import java.io.IOException;
import java.util.List;

/** The baseline loop in a new JVM, so that its start is as cold as the relay's. */
final class BaselineProcess implements AutoCloseable {
  private final Process process;

  private BaselineProcess(Process process) {
    this.process = process;
  }

  long pid() {
    return process.pid();
  }

  /** Ends the process, which waits for the end of its standard input. */
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
