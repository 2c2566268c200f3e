package io.outboxrelay.app;

/** The entry point of the process. */
public final class RelayMain {
  private RelayMain() {}

  public static void main(String[] args) {
    int code = RelayCommand.commandLine().execute(args);
    LoggingSetup.stop();
    System.exit(code);
  }
}
