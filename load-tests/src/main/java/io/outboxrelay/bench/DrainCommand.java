package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Contender;
import io.outboxrelay.bench.report.MarkdownTable;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures how fast a backlog is published, by the relay and by the baseline loop in turn. */
@Command(
    name = "drain",
    mixinStandardHelpOptions = true,
    description =
        "Publishes waiting events, and compares with a bare loop that reads pages and sends them.")
final class DrainCommand implements Callable<Integer> {
  @Mixin BenchmarkOptions choices = new BenchmarkOptions();

  @Option(names = "--events", split = ",", defaultValue = "500000", description = "one or several")
  List<Integer> events = new ArrayList<>();

  @Option(names = "--aggregates", defaultValue = "10000")
  int aggregates;

  @Option(
      names = "--payload",
      split = ",",
      defaultValue = "256",
      description = "bytes of an event's payload, one or several")
  List<Integer> payloads = new ArrayList<>();

  @Option(
      names = "--parked",
      description =
          "compares the relay without and with so many parked aggregates, not with the bare loop")
  int parked;

  @Override
  public Integer call() throws Exception {
    var rounds = choices.rounds();
    try (var stage = BenchmarkEnvironment.open(choices.broker)) {
      var report = choices.report(stage);
      for (int payload : payloads) {
        for (int count : events) {
          stage.fill(count, aggregates, payload);
          var drain = new DrainRun(stage, choices, count);
          // Warms up the broker, because a cold one would slow the first contender.
          drain.bare();
          var table =
              new MarkdownTable(
                  System.out,
                  List.of(DrainRun.RATE, ResourceMeter.PROCESS, ResourceMeter.DATABASE));
          report.add(rounds.of(title(count, payload), table, sides(stage, drain)));
        }
      }
      choices.write(report, DrainRun.RATE);
    }
    return 0;
  }

  private String title(int count, int payload) {
    return String.format(Locale.ROOT, "%,d events of %,d bytes", count, payload);
  }

  private List<Contender> sides(BenchmarkEnvironment stage, DrainRun drain) {
    return parked > 0
        ? List.of(
            new Contender("none parked", () -> withParked(stage, drain, 0)),
            new Contender(
                String.format(Locale.ROOT, "%,d parked", parked),
                () -> withParked(stage, drain, parked)))
        : besideTheBareLoop(drain);
  }

  private List<Contender> besideTheBareLoop(DrainRun drain) {
    var sides = new ArrayList<Contender>();
    sides.add(new Contender("bare loop", drain::bare));
    choices.forms().forEach(form -> sides.add(new Contender(form.name(), () -> drain.relay(form))));
    return sides;
  }

  private static MeasuredFigures withParked(BenchmarkEnvironment stage, DrainRun drain, int count)
      throws Exception {
    stage.park(count);
    return drain.relay();
  }
}
