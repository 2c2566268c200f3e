package io.outboxrelay.app;

import io.outboxrelay.format.TimestampFormat;
import io.outboxrelay.json.InstanceJson;
import io.outboxrelay.membership.RelayInstance;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code instances}: lists the running relays. */
@Command(
    name = "instances",
    mixinStandardHelpOptions = true,
    description = "Lists the relays that are connected, and which shards each owns.")
final class InstancesCommand implements Callable<Integer> {
  private final RelayCommand relay;
  @Mixin private CommandOutput output = new CommandOutput();
  @Mixin private TableOptions tables = new TableOptions();

  InstancesCommand(RelayCommand relay) {
    this.relay = relay;
  }

  @Override
  public Integer call() {
    var instances = relay.at(RelayInstance::find);
    output.write(
        relay.out(),
        InstanceJson.of(instances, CurrentUser.author().name(), OptionalInt.empty()),
        () -> report(instances, tables.layout()));
    return ExitCode.OK.number();
  }

  static String report(List<RelayInstance> instances, TextTable.Layout layout) {
    if (instances.isEmpty()) {
      return "no relay is connected";
    }
    var table = new TextTable(layout, "NUMBER", "NAME", "FROM", "SINCE", "SHARDS");
    for (var instance : instances) {
      table.add(
          Integer.toString(instance.number()),
          Objects.requireNonNullElse(instance.name(), "(owns nothing)"),
          Objects.requireNonNullElse(instance.address(), "the database's machine"),
          instance.connectedAt() == null ? "" : TimestampFormat.of(instance.connectedAt()),
          instance.shards().toString());
    }
    return table.toString();
  }
}
