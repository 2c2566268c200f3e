package io.outboxrelay.app;

import io.outboxrelay.debezium.DebeziumImport;
import io.outboxrelay.debezium.ImportNote;
import io.outboxrelay.debezium.ImportedConfig;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command {@code import}: translates a configuration of Debezium into one of the relay. The
 * command needs no configuration file of the relay.
 */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Translates a configuration of Debezium's outbox event router into one of the relay.",
      "The configuration goes to standard output. Each property that needs attention is named on"
          + " standard error, with its line. Secrets are not copied."
    },
    footerHeading = "%nExample:%n",
    footer = "  outbox-relay import application.properties > relay.yaml")
final class ImportCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private CommandOutput output = new CommandOutput();

  @Parameters(
      paramLabel = "FILE",
      description =
          "The properties of Debezium Server, or the properties or the JSON of a connector for"
              + " Kafka Connect.")
  private Path file = Path.of("");

  ImportCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    var imported = imported();
    output.write(relay.out(), json(imported), imported::yaml);
    if (!output.isJson()) {
      PrintWriter remarks = spec.commandLine().getErr();
      imported.notes().forEach(note -> remarks.println(PlainText.lines(sentence(note))));
      remarks.flush();
    }
    return ExitCode.OK.number();
  }

  private static JsonObject json(ImportedConfig imported) {
    var notes = new JsonArray();
    imported
        .notes()
        .forEach(
            note ->
                notes.add(
                    new JsonObject()
                        .put("line", note.line())
                        .put("property", note.property())
                        .put("kind", kind(note))
                        .put("message", note.text())));
    var settings = new JsonObject();
    imported.settings().forEach(settings::put);
    return new JsonObject().put("settings", settings).put("notes", notes);
  }

  private ImportedConfig imported() {
    try {
      return DebeziumImport.of(Files.readString(file));
    } catch (IOException e) {
      throw new ConfigFileException(file + " cannot be read: " + FileFailure.reason(e));
    } catch (IllegalArgumentException e) {
      throw new ConfigFileException(file + " " + e.getMessage());
    }
  }

  private static String sentence(ImportNote note) {
    return "line %d, %s: %s: %s".formatted(note.line(), note.property(), kind(note), note.text());
  }

  private static String kind(ImportNote note) {
    return note.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
