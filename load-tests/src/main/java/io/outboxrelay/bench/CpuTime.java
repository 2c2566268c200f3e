package io.outboxrelay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/** The processor time used so far, in microseconds. Linux measures it in hundredths of a second. */
record CpuTime(double micros) {
  private static final double MICROS_PER_TICK = 10_000;

  /** Returns the user and system time of one process. */
  static CpuTime of(long pid) throws IOException {
    return new CpuTime(ticks(pid, false) * MICROS_PER_TICK);
  }

  /**
   * Returns the time of a PostgreSQL server: of its running processes and of those that have ended.
   */
  static CpuTime ofDatabase(BenchmarkEnvironment stage) throws SQLException, IOException {
    long postmaster;
    try (var connection = stage.database.connect();
        var statement = connection.createStatement();
        var row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      postmaster = parent(row.getLong(1));
    }
    // A backend that ends between the two readings is counted twice or not at all.
    double ticks = ticks(postmaster, true);
    for (var child : ProcessHandle.of(postmaster).orElseThrow().children().toList()) {
      ticks += ticks(child.pid(), false);
    }
    return new CpuTime(ticks * MICROS_PER_TICK);
  }

  /**
   * Returns the time of the broker: of all child processes of this one that are no relays. The
   * database's server is not a child, because it runs as a daemon.
   */
  static CpuTime ofBroker() throws IOException {
    double ticks = 0;
    for (var child : ProcessHandle.current().descendants().toList()) {
      if (!MeasuredRelayProcess.isRelay(child.pid())) {
        ticks += ticks(child.pid(), true);
      }
    }
    return new CpuTime(ticks * MICROS_PER_TICK);
  }

  CpuTime minus(CpuTime earlier) {
    return new CpuTime(micros - earlier.micros);
  }

  private static long parent(long pid) {
    return ProcessHandle.of(pid).flatMap(ProcessHandle::parent).orElseThrow().pid();
  }

  /** Reads fields 14 to 17 of proc(5)'s stat; returns 0 if the process has ended. */
  private static long ticks(long pid, boolean withEndedChildren) throws IOException {
    var file = Path.of("/proc/" + pid + "/stat");
    try {
      String stat = Files.readString(file);
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      return withEndedChildren
          ? ticks + Long.parseLong(fields[13]) + Long.parseLong(fields[14])
          : ticks;
    } catch (IOException e) {
      // If the process ends while its file is open, Linux refuses the reading with ESRCH, for which
      // Java has no exception of its own.
      if (Files.exists(file)) {
        throw e;
      }
      return 0;
    }
  }
}
