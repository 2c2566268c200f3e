package io.outboxrelay.app;

/** Where the process starts. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    int code = RelayCommand.commandLine().execute(args);
    Logging.stop();
    System.exit(code);
  }
}
