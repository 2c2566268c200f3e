package io.outboxrelay.app;

/** Where the process starts. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(RelayCommand.commandLine().execute(args));
  }
}
