package io.outboxrelay.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command {@code completion}: writes a script that completes commands and options in a shell.
 */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a script that completes commands and options in a shell.",
      "It completes the command outbox-relay, which may be a wrapper or an alias of java -jar"
          + " outbox-relay.jar."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  bash: source <(outbox-relay completion bash)",
      "  zsh:  source <(outbox-relay completion zsh)",
      "  fish: outbox-relay completion fish | source"
    })
final class CompletionCommand implements Callable<Integer> {
  private static final String NAME = "outbox-relay";

  private final RelayCommand relay;
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
  private Shell shell = Shell.bash;

  /** The supported shells. */
  enum Shell {
    bash,
    zsh,
    fish
  }

  CompletionCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    var root = spec.root().commandLine();
    relay
        .out()
        .print(shell == Shell.fish ? new FishCompletion(NAME, root).script() : forBash(root));
    relay.out().flush();
    return ExitCode.OK.number();
  }

  /**
   * Returns the script for bash. It also works in zsh, because it enables zsh's support for bash
   * scripts.
   */
  private static String forBash(CommandLine root) {
    return AutoComplete.bash(NAME, root);
  }

  /** Writes the script for fish from the model of the command line. */
  private record FishCompletion(String name, CommandLine root) {
    String script() {
      var lines = new ArrayList<String>();
      lines.add("complete -c " + name + " -f");
      add(lines, root, List.of());
      return String.join("\n", lines) + "\n";
    }

    private void add(List<String> lines, CommandLine command, List<String> path) {
      var subcommands = command.getSubcommands();
      String here = here(path, subcommands.keySet());
      subcommands.forEach(
          (word, sub) ->
              lines.add(
                  "complete -c %s -n %s -a %s -d %s"
                      .formatted(name, quoted(here), word, quoted(summary(sub)))));
      if (subcommands.containsKey("help")) {
        lines.add(
            "complete -c %s -n %s -a %s"
                .formatted(
                    name,
                    quoted(here(List.of("help"), without(subcommands.keySet(), "help"))),
                    quoted(String.join(" ", without(subcommands.keySet(), "help")))));
      }
      String within = here(path, List.of());
      for (var option : command.getCommandSpec().options()) {
        if (option.hidden()) {
          continue;
        }
        var line = new StringBuilder("complete -c %s -n %s".formatted(name, quoted(within)));
        for (String spelling : option.names()) {
          line.append(
              spelling.startsWith("--")
                  ? " -l " + spelling.substring(2)
                  : (spelling.length() == 2 ? " -s " : " -o ") + spelling.substring(1));
        }
        if (option.arity().max() > 0) {
          line.append(option.paramLabel().equals("FILE") ? " -r -F" : " -x");
          if (option.completionCandidates() != null) {
            line.append(" -a ").append(quoted(String.join(" ", option.completionCandidates())));
          }
        }
        line.append(" -d ").append(quoted(String.join(" ", option.description())));
        lines.add(line.toString());
      }
      for (var positional : command.getCommandSpec().positionalParameters()) {
        if (positional.completionCandidates() != null) {
          lines.add(
              "complete -c %s -n %s -a %s"
                  .formatted(
                      name,
                      quoted(within),
                      quoted(String.join(" ", positional.completionCandidates()))));
        }
      }
      subcommands.forEach(
          (word, sub) -> {
            var longer = new ArrayList<>(path);
            longer.add(word);
            add(lines, sub, longer);
          });
    }

    /**
     * Returns a condition in the language of fish. It is true if the user has typed all words of
     * the path and none of {@code others}.
     */
    private static String here(List<String> path, Iterable<String> others) {
      var conditions = new ArrayList<String>();
      path.forEach(word -> conditions.add("__fish_seen_subcommand_from " + word));
      String none = String.join(" ", others);
      if (!none.isEmpty()) {
        conditions.add("not __fish_seen_subcommand_from " + none);
      }
      return conditions.isEmpty() ? "true" : String.join("; and ", conditions);
    }

    private static List<String> without(Set<String> words, String word) {
      return words.stream().filter(other -> !other.equals(word)).toList();
    }

    private static String summary(CommandLine command) {
      var description = command.getCommandSpec().usageMessage().description();
      return description.length == 0 ? "" : description[0];
    }

    private static String quoted(String text) {
      return "'" + text.replace("%n", " ").replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
  }
}
