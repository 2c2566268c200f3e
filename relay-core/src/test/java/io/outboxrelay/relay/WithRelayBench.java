package io.outboxrelay.relay;

import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests that each have an outbox, a broker and relays of their own. */
abstract class WithRelayBench {
  /** The environment of the current test, created before it. */
  RelayBench bench;

  @BeforeEach
  void create() throws SQLException {
    bench = RelayBench.create();
  }

  @AfterEach
  void close() {
    bench.close();
  }
}
