package io.outboxrelay.database;

/** One of the servers that may hold the database. */
record DatabaseHost(String name, int port) {
  /** Returns the host and port of an address, with an IPv6 address in brackets. */
  @Override
  public String toString() {
    return (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
  }
}
