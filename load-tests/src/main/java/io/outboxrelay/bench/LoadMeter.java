package io.outboxrelay.bench;

import io.outboxrelay.bench.report.BenchmarkMetric;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** Measures the resources that relay, database and broker use, for each second and each event. */
final class LoadMeter {
  static final BenchmarkMetric RELAY = BenchmarkMetric.above("relay % core", 1);
  static final BenchmarkMetric DATABASE = BenchmarkMetric.above("DB % core", 1);
  private static final BenchmarkMetric BROKER = BenchmarkMetric.above("broker % core", 1);
  private static final BenchmarkMetric IDS = BenchmarkMetric.above("xids/s", 1);
  private static final BenchmarkMetric STATEMENTS = BenchmarkMetric.above("statements/s", 1);
  private static final BenchmarkMetric WAL = BenchmarkMetric.above("WAL KiB/s", 1);
  private static final BenchmarkMetric RELAY_EVENT = BenchmarkMetric.above("relay µs/ev", 0);
  private static final BenchmarkMetric DATABASE_EVENT = BenchmarkMetric.above("DB µs/ev", 0);
  private static final BenchmarkMetric BROKER_EVENT = BenchmarkMetric.above("broker µs/ev", 0);
  private static final BenchmarkMetric IDS_EVENT = BenchmarkMetric.above("xids/ev", 2);
  private static final BenchmarkMetric STATEMENTS_EVENT = BenchmarkMetric.above("statements/ev", 2);
  private static final BenchmarkMetric WAL_EVENT = BenchmarkMetric.above("WAL bytes/ev", 0);

  static final List<BenchmarkMetric> METRICS =
      List.of(
          RELAY,
          DATABASE,
          BROKER,
          IDS,
          STATEMENTS,
          WAL,
          RELAY_EVENT,
          DATABASE_EVENT,
          BROKER_EVENT,
          IDS_EVENT,
          STATEMENTS_EVENT,
          WAL_EVENT,
          BenchmarkLatencies.P50,
          BenchmarkLatencies.P99);

  private final BenchmarkEnvironment stage;
  private final long pid;
  private final CpuTime relay;
  private final CpuTime database;
  private final CpuTime broker;
  private final PgStatSnapshot before;

  private LoadMeter(BenchmarkEnvironment stage, long pid) throws SQLException, IOException {
    this.stage = stage;
    this.pid = pid;
    this.before = PgStatSnapshot.of(stage);
    this.database = CpuTime.ofDatabase(stage);
    this.broker = CpuTime.ofBroker();
    this.relay = CpuTime.of(pid);
  }

  /**
   * @param pid of the relay
   */
  static LoadMeter start(BenchmarkEnvironment stage, long pid) throws SQLException, IOException {
    return new LoadMeter(stage, pid);
  }

  /** Returns the use since the start; per event only if there were events. */
  MeasuredFigures stop(double seconds, long events) throws SQLException, IOException {
    double relayMicros = CpuTime.of(pid).minus(relay).micros();
    double brokerMicros = CpuTime.ofBroker().minus(broker).micros();
    double databaseMicros = CpuTime.ofDatabase(stage).minus(database).micros();
    var after = PgStatSnapshot.of(stage);
    double ids = (double) after.ids() - before.ids();
    double statements = (double) after.statements() - before.statements();
    double wal = (double) after.wal() - before.wal();
    var figures =
        new MeasuredFigures()
            .with(RELAY, relayMicros / seconds / 10_000)
            .with(DATABASE, databaseMicros / seconds / 10_000)
            .with(BROKER, brokerMicros / seconds / 10_000)
            .with(IDS, ids / seconds)
            .with(STATEMENTS, statements / seconds)
            .with(WAL, wal / seconds / 1024);
    return events == 0
        ? figures
        : figures
            .with(RELAY_EVENT, relayMicros / events)
            .with(DATABASE_EVENT, databaseMicros / events)
            .with(BROKER_EVENT, brokerMicros / events)
            .with(IDS_EVENT, ids / events)
            .with(STATEMENTS_EVENT, statements / events)
            .with(WAL_EVENT, wal / events);
  }
}
