package io.outboxrelay.demo;

import io.outboxrelay.testkit.TestDatabase;

/** The parameters with which a client connects to a database. */
record DatabaseLogin(String host, int port, String name, String user, String password) {
  static DatabaseLogin of(TestDatabase database) {
    var server = database.server();
    return new DatabaseLogin(
        server.host(), server.port(), database.name(), server.user(), server.password());
  }

  /** Returns the command line of psql for a shell. */
  String psql() {
    return "PGPASSWORD=%s psql -h %s -p %d -U %s -d %s"
        .formatted(
            ShellQuotes.quote(password),
            host,
            port,
            ShellQuotes.quote(user),
            ShellQuotes.quote(name));
  }
}
