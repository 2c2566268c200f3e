package io.outboxrelay.environment;

import io.outboxrelay.testkit.BrokerType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Starts the example, and waits for Ctrl-C or until a given command ends. */
@Command(
    name = "examples/employee-service/run",
    description = {
      "Starts PostgreSQL, a broker, the relay and the employee service.",
      "Ctrl-C ends it."
    })
public final class EnvironmentMain implements Callable<Integer> {
  private static final int ENDED_BY_SIGTERM = 143;

  @Option(
      names = "--broker",
      paramLabel = "kafka|rabbitmq",
      description = "The broker to publish to; default: ${DEFAULT-VALUE}.")
  private BrokerType broker = BrokerType.KAFKA;

  @Option(
      names = "--port",
      description = "The port of the service, 0 for any free one; default: ${DEFAULT-VALUE}.")
  private int port = 8080;

  @Option(names = "--fast", description = "Tunes the broker for speed, with 1 GiB of memory.")
  private boolean fast;

  @Option(
      names = "--folder",
      description = "The folder for configurations and logs; default: ${DEFAULT-VALUE}.")
  private Path folder = Path.of("examples", "employee-service", "target", "run");

  @Option(names = "--help", usageHelp = true, description = "Shows this text.")
  @SuppressWarnings("UnusedVariable") // handled by picocli itself
  private boolean help;

  @Parameters(
      paramLabel = "COMMAND",
      description = {
        "A command to run once everything answers, instead of waiting for Ctrl-C. EMPLOYEES and",
        "CONTROL hold the addresses of the service and of the server that stops the broker. Write",
        "-- before the command."
      })
  private List<String> command = List.of();

  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private int code;

  private EnvironmentMain() {}

  public static void main(String[] args) {
    var main = new EnvironmentMain();
    Runtime.getRuntime().addShutdownHook(new Thread(main::stopOnSignal));
    var line = new CommandLine(main).setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (failure, failed, arguments) -> {
          failed.getErr().println("Not everything could be started: " + failure);
          return 1;
        });
    main.code = line.execute(args);
    main.ended.countDown();
    System.exit(main.code);
  }

  /**
   * After a signal, waits until everything has ended in order, then exits with the command's code.
   */
  private void stopOnSignal() {
    stop.countDown();
    try {
      ended.await();
      Runtime.getRuntime().halt(code);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    System.out.println("Starting PostgreSQL, the broker, the relay and the service.");
    try (var stage =
            ExampleEnvironment.start(
                Path.of(""), folder, broker, port, fast, line -> System.out.println("  " + line));
        var control = new BrokerControlServer(stage.broker())) {
      System.out.println("  the relay and the service; their logs are in " + folder);
      return command.isEmpty() ? awaitStop(stage) : run(stage, control);
    }
  }

  private int awaitStop(ExampleEnvironment stage) throws InterruptedException {
    System.out.println(
        """

        Open %1$s/ in a browser, or ask it:
          curl -d '{"name": "Ada", "department": "Engines"}' %1$s/employees
          curl %1$s/agreement
        Ctrl-C ends it."""
            .formatted(stage.service()));
    stop.await();
    return stage.stopRelay() == 0 ? 0 : 1;
  }

  private int run(ExampleEnvironment stage, BrokerControlServer control)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("EMPLOYEES", stage.service());
    builder.environment().put("CONTROL", control.address());
    var process = builder.start();
    while (process.isAlive()) {
      if (stop.await(200, TimeUnit.MILLISECONDS)) {
        process.destroy();
        process.waitFor();
        return ENDED_BY_SIGTERM;
      }
    }
    return process.exitValue();
  }
}
