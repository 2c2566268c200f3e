package io.outboxrelay.demo;

import java.io.PrintStream;
import java.time.Duration;

/** Displays the progress of the demo. On a terminal, one line is refreshed in place. */
final class ProgressDisplay {
  /** Set by the script, because Java cannot tell whether its standard output is a terminal. */
  private static final String IN_PLACE = "demo.in-place";

  // Wrapping is off, because the start of a line longer than the terminal would remain on the
  // screen.
  private static final String BACK_TO_THE_START = "\r\033[?7l";
  private static final String CLEAR_THE_REST = "\033[K\033[?7h";

  private final PrintStream out;
  private final boolean inPlace;
  private boolean lineIsOpen;

  ProgressDisplay(PrintStream out, boolean inPlace) {
    this.out = out;
    this.inPlace = inPlace;
  }

  static ProgressDisplay ofTerminal() {
    return new ProgressDisplay(System.out, Boolean.getBoolean(IN_PLACE));
  }

  /** Returns how often {@link #refresh} should be called. */
  Duration interval() {
    return inPlace ? Duration.ofMillis(200) : Duration.ofSeconds(1);
  }

  synchronized void refresh(DemoStats figures) {
    if (inPlace) {
      out.print(BACK_TO_THE_START + figures.line() + CLEAR_THE_REST);
      out.flush();
      lineIsOpen = true;
    } else {
      out.println(figures.line());
    }
  }

  synchronized void say(String text) {
    if (lineIsOpen) {
      out.println();
      lineIsOpen = false;
    }
    out.println(text);
  }
}
