package io.outboxrelay.window;

import io.outboxrelay.testkit.PostgresServer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests the reader's guarantees on each supported version of PostgreSQL. */
class ReaderVersionsIT {
  private static final int SCHEDULES = Integer.getInteger("reader.schedules.of.versions", 12);

  @ParameterizedTest
  @Timeout(300)
  @MethodSource("io.outboxrelay.testkit.PostgresServer#versions")
  void nothingIsLostRepeatedOrOvertaken(int version) throws Exception {
    try (var server = PostgresServer.builder().version(version).start();
        var schedules = new ReaderSchedules(server)) {
      schedules.run(20_000, SCHEDULES, ReaderSchedules.Restarts.NEVER);
      schedules.run(30_000, SCHEDULES, ReaderSchedules.Restarts.AFTER_CRASHES);
    }
  }
}
