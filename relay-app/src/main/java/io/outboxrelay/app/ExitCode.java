package io.outboxrelay.app;

import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.deadletter.RefusedException;
import io.outboxrelay.deadletter.Tally;
import io.outboxrelay.history.NoReplayException;
import io.outboxrelay.relay.RelayException;
import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.tracing.TracingException;

/** How a command ended, told to whoever started it; {@code --help} lists them. */
enum ExitCode {
  OK(0),
  UNEXPECTED(1),
  CONFIGURATION(2),
  DATABASE(3),
  BROKER(4),
  CHECK_FAILED(5),
  REFUSED(6);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  /** The number that the process ends with. */
  int number() {
    return number;
  }

  /** What was meant is there, and nothing of it could be done: somebody else was first. */
  static ExitCode ofChange(Tally tally) {
    return tally.matched() > 0 && tally.done() == 0 ? REFUSED : OK;
  }

  static ExitCode of(Throwable failure) {
    if (failure instanceof InvalidSettingsException
        || failure instanceof ConfigFileException
        || failure instanceof TracingException) {
      return CONFIGURATION;
    }
    if (failure instanceof RefusedException || failure instanceof NoReplayException) {
      return REFUSED;
    }
    if (failure instanceof DatabaseException) {
      return DATABASE;
    }
    if (failure instanceof RelayException ended) {
      return ended.origin() == RelayException.Cause.DATABASE ? DATABASE : BROKER;
    }
    return UNEXPECTED;
  }
}
