package io.outboxrelay.bench;

import io.outboxrelay.bench.report.Figures;
import io.outboxrelay.bench.report.Metric;
import java.io.IOException;
import java.sql.SQLException;

/** What is used up while events are published, by whoever publishes them and in the database. */
final class Meter {
  static final Metric PROCESS = new Metric("CPU µs/event", 1);
  static final Metric DATABASE = new Metric("DB CPU µs/event", 1);
  static final Metric STATEMENTS = new Metric("statements/event", 4);
  static final Metric WAL = new Metric("WAL bytes/event", 1);
  static final Metric MEMORY = new Metric("peak memory MiB", 0);

  private final Stage stage;
  private final Cpu database;
  private final Books before;

  private Meter(Stage stage, Cpu database, Books before) {
    this.stage = stage;
    this.database = database;
    this.before = before;
  }

  /** Starts counting in the database. */
  static Meter start(Stage stage) throws SQLException, IOException {
    return new Meter(stage, Cpu.ofDatabase(stage), Books.of(stage));
  }

  /** Since the start, for each of so many events; of a process that began after it. */
  Figures stop(long pid, long events) throws SQLException, IOException {
    return stop(pid, new Cpu(0), events);
  }

  /** The same of a process that had used up {@code processBefore} when this was started. */
  Figures stop(long pid, Cpu processBefore, long events) throws SQLException, IOException {
    var spent = Cpu.ofDatabase(stage).minus(database);
    var after = Books.of(stage);
    var figures =
        new Figures()
            .with(PROCESS, Cpu.of(pid).minus(processBefore).micros() / events)
            .with(DATABASE, spent.micros() / events)
            .with(WAL, (double) (after.wal() - before.wal()) / events)
            .with(MEMORY, Memory.peakMebibytes(pid));
    if (before.statements() >= 0) {
      figures.with(STATEMENTS, (double) (after.statements() - before.statements()) / events);
    }
    return figures;
  }
}
