package io.outboxrelay.demo;

/** The entry point of the demo's process. */
public final class DemoMain {
  private DemoMain() {}

  public static void main(String[] args) {
    var stop = StopRequest.onSignal();
    int code = DemoCommand.commandLine(stop).execute(args);
    stop.finished(code);
    System.exit(code);
  }
}
