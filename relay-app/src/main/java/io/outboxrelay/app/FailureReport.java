package io.outboxrelay.app;

import java.io.PrintWriter;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns a command's failure into a sentence on standard error and an exit code. */
final class FailureReport {
  private static final Logger LOG = LoggerFactory.getLogger(FailureReport.class);

  private FailureReport() {}

  /**
   * Writes the sentence, as text or as JSON, and returns the exit code.
   *
   * @param arguments the arguments of the command, which may ask for JSON
   */
  static int tell(Exception failure, List<String> arguments, PrintWriter err) {
    var code = ExitCode.of(failure);
    if (CommandOutput.isJson(arguments)) {
      CommandOutput.writeFailure(err, String.valueOf(failure.getMessage()), code);
      LOG.debug("that was", failure);
    } else if (code == ExitCode.UNEXPECTED) {
      LOG.error("unexpected failure; please report it with these lines", failure);
    } else if (LoggingSetup.isJson()) {
      LOG.error(failure.getMessage());
    } else {
      err.println(PlainText.lines(String.valueOf(failure.getMessage())));
      LOG.debug("that was", failure);
    }
    return code.number();
  }
}
