package io.outboxrelay.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The options of a run.
 *
 * @param relaySettings system properties for the relays, such as {@code
 *     -Doutbox-relay.relay.partitions=2}
 * @param folder the folder for the logs
 */
record ChaosOptions(
    long seed,
    Duration length,
    String broker,
    int relays,
    int shards,
    List<String> relaySettings,
    Path folder) {

  /** Returns the command that repeats the run. */
  String command() {
    return String.format(
            Locale.ROOT,
            "load-tests/chaos --seed %d --minutes %s --broker %s --relays %d --shards %d",
            seed,
            minutes(),
            broker,
            relays,
            shards)
        + String.join(
            "",
            relaySettings.stream()
                .map(setting -> setting.replace("-Doutbox-relay.", " --set "))
                .toList());
  }

  private String minutes() {
    double minutes = length.toMillis() / 60_000.0;
    return minutes == Math.rint(minutes) ? Long.toString((long) minutes) : Double.toString(minutes);
  }
}
