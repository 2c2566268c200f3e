package io.outboxrelay.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A form in which the relay is started: its jar alone, or its launcher.
 *
 * @param name names the form in a table
 */
record StartForm(String name, Starter starter) {
  /** Starts the process, with settings that override the configuration. */
  interface Starter {
    void start(MeasuredRelayProcess relay, List<String> settings) throws IOException;
  }

  static StartForm jar(String jvmOptions) {
    return new StartForm("jar", (relay, settings) -> relay.run(jvmOptions, settings));
  }

  /**
   * @param java the home of the Java that runs it
   */
  static StartForm launcher(String jvmOptions, Path launcher, Path java) {
    return new StartForm(
        "launcher, " + java.getFileName(),
        (relay, settings) -> relay.launch(launcher, java, jvmOptions, settings));
  }

  void start(MeasuredRelayProcess relay, List<String> settings) throws IOException {
    starter.start(relay, settings);
  }
}
