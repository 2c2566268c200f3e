package io.outboxrelay.app;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The command line that starts a relay in nearly every installation: {@code -conf FILE}, with or
 * without {@code run} and {@code --verbose}.
 *
 * <p>This class reads the command line without picocli, because describing all commands to picocli
 * takes two fifths of the main thread's processor time until the relay is started. {@link
 * RelayCommand} reads all other command lines.
 *
 * @param conf the configuration
 * @param verbose if true, the relay logs more
 */
record PlainRun(Path conf, boolean verbose) {
  private static final Set<String> CONF = Set.of("-c", "-conf", "--conf");
  private static final Set<String> VERBOSE = Set.of("-v", "--verbose");

  /**
   * Reads a command line of the form {@code [run] -conf FILE [--verbose]}, in any order. Empty for
   * any other command line; {@link RelayCommand} reads those.
   */
  static Optional<PlainRun> of(String... words) {
    @Nullable Path conf = null;
    boolean verbose = false;
    boolean run = false;
    for (int i = 0; i < words.length; i++) {
      if (CONF.contains(words[i]) && conf == null && i + 1 < words.length && isName(words[i + 1])) {
        i++;
        try {
          conf = Path.of(words[i]);
        } catch (InvalidPathException e) {
          return Optional.empty();
        }
      } else if (VERBOSE.contains(words[i]) && !verbose) {
        verbose = true;
      } else if (words[i].equals("run") && !run) {
        run = true;
      } else {
        return Optional.empty();
      }
    }
    return conf == null ? Optional.empty() : Optional.of(new PlainRun(conf, verbose));
  }

  /**
   * Returns true if a word is the name of a file. Picocli reads other words as an option, or as the
   * name of a file that contains arguments.
   */
  private static boolean isName(String word) {
    return !word.isEmpty() && !word.startsWith("-") && !word.startsWith("@");
  }

  /** Runs the relay, and returns the exit code of the process. */
  int execute() {
    try {
      return RelayRun.untilStopped(
          registry -> CommandContext.open(Optional.of(conf), verbose, Optional.of(registry)));
    } catch (Exception failure) {
      var err = new PrintWriter(System.err, true, Charset.defaultCharset());
      return FailureReport.tell(failure, List.of(), err);
    }
  }
}
