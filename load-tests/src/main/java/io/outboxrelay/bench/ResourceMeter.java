package io.outboxrelay.bench;

import io.outboxrelay.bench.report.BenchmarkMetric;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.io.IOException;
import java.sql.SQLException;

/**
 * Measures the resources used while events are published, by the publishing process and by the
 * database.
 */
final class ResourceMeter {
  static final BenchmarkMetric PROCESS = new BenchmarkMetric("CPU µs/event", 1);
  static final BenchmarkMetric DATABASE = new BenchmarkMetric("DB CPU µs/event", 1);
  static final BenchmarkMetric STATEMENTS = new BenchmarkMetric("statements/event", 4);
  static final BenchmarkMetric WAL = new BenchmarkMetric("WAL bytes/event", 1);
  static final BenchmarkMetric MEMORY = new BenchmarkMetric("peak memory MiB", 0);

  private final BenchmarkEnvironment stage;
  private final CpuTime database;
  private final PgStatSnapshot before;

  private ResourceMeter(BenchmarkEnvironment stage, CpuTime database, PgStatSnapshot before) {
    this.stage = stage;
    this.database = database;
    this.before = before;
  }

  /** Starts measuring in the database. */
  static ResourceMeter start(BenchmarkEnvironment stage) throws SQLException, IOException {
    return new ResourceMeter(stage, CpuTime.ofDatabase(stage), PgStatSnapshot.of(stage));
  }

  /** Returns the use per event since the start, for a process that began after it. */
  MeasuredFigures stop(long pid, long events) throws SQLException, IOException {
    return stop(pid, new CpuTime(0), events);
  }

  /**
   * Returns the use per event since the start, for a process that had used {@code processBefore} by
   * then.
   */
  MeasuredFigures stop(long pid, CpuTime processBefore, long events)
      throws SQLException, IOException {
    var spent = CpuTime.ofDatabase(stage).minus(database);
    var after = PgStatSnapshot.of(stage);
    var figures =
        new MeasuredFigures()
            .with(PROCESS, CpuTime.of(pid).minus(processBefore).micros() / events)
            .with(DATABASE, spent.micros() / events)
            .with(WAL, (double) (after.wal() - before.wal()) / events)
            .with(MEMORY, MemoryUse.peakMebibytes(pid));
    if (before.statements() >= 0) {
      figures.with(STATEMENTS, (double) (after.statements() - before.statements()) / events);
    }
    return figures;
  }
}
