package io.outboxrelay.example;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/** The entry point of the process: {@code employee-service FILE.json}. */
public final class EmployeeServiceMain {
  private EmployeeServiceMain() {}

  public static void main(String[] args) {
    if (args.length != 1) {
      System.err.println("Name one file with the configuration, such as employee-service.json.");
      System.exit(2);
    }
    var vertx = Vertx.vertx();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> vertx.close().await()));
    vertx
        .fileSystem()
        .readFile(args[0])
        .map(file -> ServiceConfig.of(new JsonObject(file)))
        .compose(config -> vertx.deployVerticle(new EmployeeService(config)))
        .onFailure(
            failure -> {
              System.err.println("The service did not start: " + failure.getMessage());
              System.exit(1);
            });
  }
}
