package io.outboxrelay.console;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.outboxrelay.testkit.Chromium;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** The browser that all tests of this JVM share; each test opens windows of its own. */
final class Chrome {
  /** Chrome may connect only to the relay, and runs also as root. */
  private static final List<String> ARGUMENTS =
      List.of(
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  private Chrome() {}

  /** Returns the browser; skips the test if there is none. */
  static Browser shared() {
    Assumptions.assumeTrue(
        Chromium.program().isPresent(),
        "no Chromium was found, so the console is not tested: install the package chromium, or set"
            + " OUTBOX_TEST_CHROMIUM to its path");
    return Shared.BROWSER;
  }

  private static final class Shared {
    static final Browser BROWSER = launch();

    private static Browser launch() {
      var playwright =
          Playwright.create(
              new Playwright.CreateOptions()
                  .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
      PlaywrightAssertions.setDefaultAssertionTimeout((double) PATIENCE.toMillis());
      Runtime.getRuntime().addShutdownHook(new Thread(playwright::close));
      return playwright
          .chromium()
          .launch(
              new BrowserType.LaunchOptions()
                  .setExecutablePath(Chromium.program().orElseThrow())
                  .setArgs(ARGUMENTS));
    }
  }
}
