package io.outboxrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes the relays of a test class read the write-ahead log, and verifies that some of them did.
 */
final class ReadingTheLog implements BeforeAllCallback, AfterAllCallback {
  private Optional<String> before = Optional.empty();
  private int read;

  @Override
  public void beforeAll(ExtensionContext context) {
    before = Optional.ofNullable(System.getProperty(RelayBench.SOURCE));
    read = RelayBench.logsRead();
    System.setProperty(RelayBench.SOURCE, "auto");
  }

  @Override
  public void afterAll(ExtensionContext context) {
    before.ifPresentOrElse(
        source -> System.setProperty(RelayBench.SOURCE, source),
        () -> System.clearProperty(RelayBench.SOURCE));
    assertThat(RelayBench.logsRead()).as("relays that read the log").isGreaterThan(read);
  }
}
