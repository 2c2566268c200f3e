package io.outboxrelay.demo;

/** Where the process starts. */
public final class DemoMain {
  private DemoMain() {}

  public static void main(String[] args) {
    var stop = StopRequest.onSignal();
    int code = DemoCommand.commandLine(stop).execute(args);
    stop.finished(code);
    System.exit(code);
  }
}
