package io.outboxrelay.app;

import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.deadletter.BulkResult;
import io.outboxrelay.deadletter.OperationRefusedException;
import io.outboxrelay.failure.RelayException;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.replay.ReplayRefusedException;
import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.status.RelayStatus;
import io.outboxrelay.status.StatusInputs;
import io.outboxrelay.tracing.TracingException;

/** The exit codes of the commands; {@code --help} lists them. */
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

  /** Returns the number that the process ends with. */
  int number() {
    return number;
  }

  /**
   * Returns {@link #REFUSED} if dead letters matched but none was changed, for example because all
   * of them are being retried already.
   */
  static ExitCode ofChange(BulkResult bulkResult) {
    return bulkResult.matched() > 0 && bulkResult.done() == 0 ? REFUSED : OK;
  }

  /** Returns the exit code of {@code status --exit-code}. */
  static ExitCode of(RelayStatus verdict, StatusInputs evidence) {
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
    if (failure instanceof OperationRefusedException || failure instanceof ReplayRefusedException) {
      return REFUSED;
    }
    if (failure instanceof DatabaseException
        || failure instanceof OutboxTable.IncompleteException) {
      return DATABASE;
    }
    if (failure instanceof RelayException ended) {
      return ended.origin() == RelayException.Cause.DATABASE ? DATABASE : BROKER;
    }
    return UNEXPECTED;
  }
}
