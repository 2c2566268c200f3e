package io.outboxrelay.app;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns a command's failure into a sentence on standard error and an exit code. */
final class FailureHandler implements IExecutionExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(FailureHandler.class);

  @Override
  public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
    var code = ExitCode.of(failure);
    if (CommandOutput.isJson(parsed.originalArgs())) {
      CommandOutput.writeFailure(command.getErr(), String.valueOf(failure.getMessage()), code);
      LOG.debug("that was", failure);
    } else if (code == ExitCode.UNEXPECTED) {
      LOG.error("unexpected failure; please report it with these lines", failure);
    } else if (LoggingSetup.isJson()) {
      LOG.error(failure.getMessage());
    } else {
      command.getErr().println(PlainText.lines(String.valueOf(failure.getMessage())));
      LOG.debug("that was", failure);
    }
    return code.number();
  }
}
