package io.outboxrelay.chaos;

import io.outboxrelay.testkit.relay.PackagedRelay;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * The options of a run.
 *
 * @param folder the folder for the logs
 */
record ChaosOptions(long seed, Duration length, RelaySetup setup, Path folder) {

  /** Returns the command that repeats the run. */
  String command() {
    return String.format(
            Locale.ROOT,
            "load-tests/chaos --seed %d --minutes %s --broker %s --relays %d --shards %d",
            seed,
            minutes(),
            setup.broker(),
            setup.relays(),
            setup.shards())
        + String.join(
            "",
            setup.settings().stream()
                .map(setting -> setting.replace(PackagedRelay.settingOption(""), " --set "))
                .toList());
  }

  private String minutes() {
    double minutes = length.toMillis() / 60_000.0;
    return minutes == Math.rint(minutes) ? Long.toString((long) minutes) : Double.toString(minutes);
  }
}
