package io.outboxrelay.console;

import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests that each have a relay of their own to look at, where there is a browser. */
abstract class WithEnvironment {
  private final Map<String, Object> settings;

  /** Set before each test. */
  ConsoleEnvironment stage;

  WithEnvironment() {
    this(Map.of());
  }

  /**
   * @param settings of the relay, beside those of every stage
   */
  WithEnvironment(Map<String, Object> settings) {
    this.settings = settings;
  }

  @BeforeEach
  void open() throws SQLException {
    Chrome.shared();
    stage = ConsoleEnvironment.open(settings);
  }

  @AfterEach
  void close() {
    if (stage != null) {
      stage.close();
    }
  }
}
