package io.outboxrelay.testkit;

import java.io.IOException;
import java.util.List;

/** A program for tests of {@link JavaProcess}: writes lines, then waits to be ended. */
final class TalkingProgram {
  private TalkingProgram() {}

  /**
   * Writes its working directory, two variables and a line to standard error; then ends with the
   * exit code that is its argument, or waits for a signal if there is none.
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    System.out.println("folder " + System.getProperty("user.dir"));
    for (var name : List.of("TALKING_GIVEN", "PATH")) {
      System.out.println(name + " " + System.getenv(name));
    }
    System.err.println("a complaint");
    System.out.println("all is said");
    if (args.length > 0) {
      System.exit(Integer.parseInt(args[0]));
    }
    Thread.currentThread().join();
  }
}
