package io.outboxrelay.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.results.Rule;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ScreenshotAnimations;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A page of the console in a browser context of its own. It records the page's faults: requests to
 * other servers, errors, and violations of the content security policy.
 */
final class Window implements AutoCloseable {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  /** The browser's own log line for an error response; the page reports the error itself. */
  private static final Pattern EXPECTED = Pattern.compile("Failed to load resource: .*");

  private final ConsoleEnvironment stage;
  private final BrowserContext context;
  private final Page page;
  private final List<String> faults = new ArrayList<>();
  private final List<Response> responses = new ArrayList<>();

  private Window(ConsoleEnvironment stage, Browser.NewContextOptions options) {
    this.stage = stage;
    this.context = Chrome.shared().newContext(options.setLocale("en-GB"));
    this.page = context.newPage();
    page.setDefaultTimeout((double) PATIENCE.toMillis());
    page.onRequest(
        request -> {
          if (!request.url().startsWith(stage.url())) {
            faults.add("asked for " + request.url());
          }
        });
    page.onResponse(responses::add);
    page.onPageError(error -> faults.add("failed with " + error));
    page.onConsoleMessage(
        message -> {
          boolean bad = List.of("error", "warning").contains(message.type());
          if (bad && !EXPECTED.matcher(message.text()).matches()) {
            faults.add("wrote " + message.text());
          }
        });
  }

  /** Opens a view on a wide screen, in light colours, with the token. */
  static Window open(ConsoleEnvironment stage, String view) {
    return open(stage, view, 1280, 900, ColorScheme.LIGHT);
  }

  static Window open(
      ConsoleEnvironment stage, String view, int width, int height, ColorScheme colours) {
    var window = locked(stage, width, height, colours);
    window.letIn();
    window.go(view);
    return window;
  }

  /** Stores the token for the pages that are shown next. */
  void letIn() {
    page.addInitScript(
        "sessionStorage.setItem('outbox-relay.token', '" + ConsoleEnvironment.TOKEN + "')");
  }

  /** Creates a window without the token, and without a page. */
  static Window locked(ConsoleEnvironment stage, int width, int height, ColorScheme colours) {
    return new Window(
        stage,
        new Browser.NewContextOptions().setViewportSize(width, height).setColorScheme(colours));
  }

  /** Opens the address of a view. */
  void go(String view) {
    page.navigate(stage.url() + "#/" + view);
  }

  Page page() {
    return page;
  }

  /**
   * Returns the answers so far. A call to the browser lets it deliver pending notifications first.
   */
  List<Response> responses() {
    return List.copyOf(responses);
  }

  /** Returns the word of the status. */
  Locator verdict() {
    return page.locator("relay-status h1");
  }

  /** Returns a stage on the way from the outbox to the broker. */
  Locator stage(String name) {
    return page.locator("[data-stage=" + name + "]");
  }

  Locator chart(String title) {
    return page.locator(".plot[aria-label^='" + title + ":']");
  }

  Locator heading(String name) {
    return page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName(name));
  }

  Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name));
  }

  /** Returns the content of the open dialog. */
  Locator dialog() {
    return page.locator("dialog[open]").last();
  }

  Locator inDialog(String button) {
    return dialog()
        .getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(button).setExact(true));
  }

  /** Waits until a toast with this text is shown. */
  void awaitTold(String text) {
    assertThat(page.locator("relay-toasts").getByText(text).first()).isVisible();
  }

  /** Saves a screenshot beside the test's other output. */
  void screenshot(String name) {
    page.screenshot(
        new Page.ScreenshotOptions()
            .setPath(SCREENSHOTS.resolve(name + ".png"))
            .setFullPage(false)
            .setAnimations(ScreenshotAnimations.DISABLED));
  }

  /** Returns the accessibility violations; empty if there are none. */
  List<String> hindrances() {
    return new AxeBuilder(page).analyze().getViolations().stream().map(Window::told).toList();
  }

  private static String told(Rule rule) {
    return rule.getId()
        + ": "
        + rule.getHelp()
        + " at "
        + rule.getNodes().stream().map(node -> String.valueOf(node.getHtml())).toList();
  }

  /** Returns the number of pixels by which the page is wider than the window. */
  int overflow() {
    return ((Number)
            page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))
        .intValue();
  }

  /** Returns the errors of the page; empty if there are none. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  @Override
  public void close() {
    context.close();
  }
}
