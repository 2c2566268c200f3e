package io.outboxrelay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;

/** Processor time that was spent so far; as Linux tells it, in hundredths of a second. */
record CpuTime(double micros) {
  private static final double MICROS_PER_TICK = 10_000;

  /** Of one process: user and system time. */
  static CpuTime of(long pid) throws IOException {
    return new CpuTime(ticks(pid, false) * MICROS_PER_TICK);
  }

  /** Of a PostgreSQL server: of its processes that run, and of those that have ended. */
  static CpuTime ofDatabase(BenchmarkEnvironment stage) throws SQLException, IOException {
    long postmaster;
    try (var connection = stage.database.connect();
        var statement = connection.createStatement();
        var row = statement.executeQuery("select pg_backend_pid()")) {
      row.next();
      postmaster = parent(row.getLong(1));
    }
    // A backend that ends between the two counts is counted by neither, or by both.
    double ticks = ticks(postmaster, true);
    for (var child : ProcessHandle.of(postmaster).orElseThrow().children().toList()) {
      ticks += ticks(child.pid(), false);
    }
    return new CpuTime(ticks * MICROS_PER_TICK);
  }

  CpuTime minus(CpuTime earlier) {
    return new CpuTime(micros - earlier.micros);
  }

  private static long parent(long pid) {
    return ProcessHandle.of(pid).flatMap(ProcessHandle::parent).orElseThrow().pid();
  }

  /** Fields 14 to 17 of proc(5)'s stat; 0 for a process that is gone. */
  private static long ticks(long pid, boolean withEndedChildren) throws IOException {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      return withEndedChildren
          ? ticks + Long.parseLong(fields[13]) + Long.parseLong(fields[14])
          : ticks;
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
