package io.outboxrelay.console;

import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Base class of tests that each open the console of a relay of their own; skipped if there is no
 * browser.
 */
abstract class WithEnvironment {
  private final Map<String, Object> settings;

  /** Set before each test. */
  ConsoleEnvironment stage;

  WithEnvironment() {
    this(Map.of());
  }

  /**
   * @param settings the settings of the relay, besides those of every environment
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
