package io.outboxrelay.app;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** How a command answers: to somebody who reads, or to a script. */
final class Output {
  /** The ways. */
  enum Form {
    text,
    json
  }

  @Option(
      names = "--output",
      paramLabel = "FORM",
      defaultValue = "text",
      description = "text, or json for scripts, with the names of the API (default: text).")
  private Form form = Form.text;

  /** Writes the one or the other. */
  void write(PrintWriter out, JsonObject json, Supplier<String> text) {
    out.println(form == Form.json ? json.encodePrettily() : text.get().stripTrailing());
    out.flush();
  }
}
