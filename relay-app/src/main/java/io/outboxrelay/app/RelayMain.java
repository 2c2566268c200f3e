package io.outboxrelay.app;

/** Where the process starts. */
public final class RelayMain {
  private RelayMain() {}

  public static void main(String[] args) {
    int code = RelayCommand.commandLine().execute(args);
    LoggingSetup.stop();
    System.exit(code);
  }
}
