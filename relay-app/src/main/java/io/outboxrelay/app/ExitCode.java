package io.outboxrelay.app;

import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.deadletter.RefusedException;
import io.outboxrelay.deadletter.Tally;
import io.outboxrelay.history.NoReplayException;
import io.outboxrelay.relay.RelayException;
import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.tracing.TracingException;
import io.outboxrelay.verdict.Evidence;
import io.outboxrelay.verdict.Verdict;

/** How a command ended, told to whoever started it; {@code --help} lists them. */
enum ExitCode {
  OK(0),
  UNEXPECTED(1),
  CONFIGURATION(2),
  DATABASE(3),
  BROKER(4),
  CHECK_FAILED(5),
  REFUSED(6),
  STATUS_WARNING(10),
  STATUS_STUCK(11),
  STATUS_NOT_LED(12);

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

  /** How {@code status --exit-code} ends. */
  static ExitCode of(Verdict verdict, Evidence evidence) {
    boolean isLed =
        !evidence.shards().isEmpty()
            && evidence.shards().stream().allMatch(shard -> shard.leader().isPresent());
    if (!isLed) {
      return STATUS_NOT_LED;
    }
    return switch (verdict.severity()) {
      case OK -> OK;
      case WARNING -> STATUS_WARNING;
      case STUCK -> STATUS_STUCK;
    };
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
