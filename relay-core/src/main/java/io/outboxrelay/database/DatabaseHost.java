package io.outboxrelay.database;

/** One of the servers that may hold the database. */
record DatabaseHost(String name, int port) {
  /** As an address has it, an IPv6 address in brackets. */
  @Override
  public String toString() {
    return (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
  }
}
