package io.outboxrelay.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A short run of {@code load-tests/chaos}. */
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class ChaosIT {
  @ParameterizedTest
  @CsvSource({"kafka, 19, 45, 4", "rabbitmq, 44, 30, 1"})
  void everythingHoldsWhateverBreaks(String broker, long seed, int seconds, int shards)
      throws Exception {
    var folder = Files.createDirectories(Path.of("target", "chaos", broker));
    var options =
        new ChaosOptions(
            seed,
            Duration.ofSeconds(seconds),
            new RelaySetup(broker, 3, shards, List.of()),
            folder);

    var verdict = ChaosRun.run(options);

    assertThat(verdict.findings()).as("%s; logs are in %s", options.command(), folder).isEmpty();
    assertThat(verdict.json()).contains("\"delivered\"");
  }
}
