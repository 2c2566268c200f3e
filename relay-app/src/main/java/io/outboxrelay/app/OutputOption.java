package io.outboxrelay.app;

import picocli.CommandLine.Option;

/** For whom a command answers: people, or scripts. */
final class OutputOption {
  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text, or json for scripts; text without this.")
  private Format format = Format.text;

  /** As it is written on the command line. */
  @SuppressWarnings("checkstyle:ConstantName")
  private enum Format {
    text,
    json
  }

  boolean isJson() {
    return format == Format.json;
  }
}
