package io.outboxrelay.app;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The output of a command: text for a reader, or JSON for a script. */
final class CommandOutput {
  /** The two forms of output. */
  enum Form {
    text,
    json
  }

  @Option(
      names = "--output",
      paramLabel = "FORM",
      defaultValue = "text",
      description =
          "text; or json for scripts: the names are those of the API, and a failure is JSON on"
              + " standard error (default: text).")
  private Form form = Form.text;

  /**
   * Returns true if the arguments of a command ask for JSON. The result is valid even if the
   * arguments have mistakes.
   */
  static boolean isJson(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).equals("--output=json")
          || (arguments.get(i).equals("--output")
              && i + 1 < arguments.size()
              && arguments.get(i + 1).equals("json"))) {
        return true;
      }
    }
    return false;
  }

  /** Writes the reason of a failed command as JSON on standard error, for scripts. */
  static void writeFailure(PrintWriter err, String sentence, ExitCode code) {
    err.println(new JsonObject().put("error", sentence).put("exitCode", code.number()).encode());
    err.flush();
  }

  /** Returns true if the answer is JSON. */
  boolean isJson() {
    return form == Form.json;
  }

  /** Writes the answer in the chosen form. */
  void write(PrintWriter out, JsonObject json, Supplier<String> text) {
    out.println(
        form == Form.json ? json.encodePrettily() : PlainText.lines(text.get().stripTrailing()));
    out.flush();
  }
}
