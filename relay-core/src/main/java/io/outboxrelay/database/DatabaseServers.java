package io.outboxrelay.database;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The servers that may hold the database, one of which is chosen at each connect.
 *
 * @param hosts in the order in which they are tried
 * @param target the condition that a suitable server meets
 */
record DatabaseServers(List<DatabaseHost> hosts, TargetSession target) {
  DatabaseServers {
    hosts = List.copyOf(hosts);
  }

  /** Returns these servers reduced to one of them, with the same condition. */
  DatabaseServers only(DatabaseHost host) {
    return new DatabaseServers(List.of(host), target);
  }

  @Override
  public String toString() {
    return hosts.stream().map(DatabaseHost::toString).collect(Collectors.joining(","));
  }
}
