package io.outboxrelay.app;

/** The entry point of the process. */
public final class RelayMain {
  private static final String NETTY_EVENTS = "io.netty.jfr.enabled";

  private RelayMain() {}

  public static void main(String[] args) {
    if (System.getProperty(NETTY_EVENTS) == null) {
      // The property switches off Netty's events for Java Flight Recorder. They would start a part
      // of the recorder even if nothing is recorded, which takes a tenth of the processor time
      // until the first event.
      System.setProperty(NETTY_EVENTS, "false");
    }
    int code =
        PlainRun.of(args)
            .map(PlainRun::execute)
            .orElseGet(() -> RelayCommand.commandLine().execute(args));
    LoggingSetup.stop();
    System.exit(code);
  }
}
