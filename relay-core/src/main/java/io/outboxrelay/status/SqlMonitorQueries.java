package io.outboxrelay.status;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.OnDemandConnection;
import io.outboxrelay.outbox.ForeignLock;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.TableSizes;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The monitor's queries as SQL. */
final class SqlMonitorQueries implements MonitorQueries {
  /**
   * The settings of the connection: timeouts that end a query if it takes long or waits for a lock.
   */
  private static final String SETTINGS =
      """
      set lock_timeout = '500ms';
      set statement_timeout = '4s';
      set enable_bitmapscan = off;
      set enable_sort = off;
      set enable_seqscan = off;
      set jit = off;
      select set_config('application_name', current_setting('application_name') || ' watch', false);
      """;

  private static final String CLOCK =
      "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";

  private final OnDemandConnection connection;
  private final OutboxNames names;
  private final LeaderReporter reporter;
  private final LockWaitReader lockWaits;
  private final OpenTransactionReader openTransactions;
  private final ShardStatusReader shardStatus;

  SqlMonitorQueries(Database database, OutboxNames names) {
    this.connection = new OnDemandConnection(database, SETTINGS);
    this.names = names;
    this.reporter = new LeaderReporter(names, System::nanoTime);
    this.lockWaits = new LockWaitReader(names);
    this.openTransactions = new OpenTransactionReader(names);
    this.shardStatus = new ShardStatusReader(names);
  }

  private <T> Future<T> on(Function<PgConnection, Future<T>> query) {
    return connection.get().compose(query);
  }

  @Override
  public Future<ClockReading> clock() {
    return on(SqlMonitorQueries::clock);
  }

  private static Future<ClockReading> clock(PgConnection open) {
    long asked = System.nanoTime();
    return open.preparedQuery(CLOCK)
        .execute()
        .map(rows -> new ClockReading(asked, System.nanoTime(), rows.iterator().next().getLong(0)));
  }

  @Override
  public Future<List<LockWait>> lockWaits() {
    return on(lockWaits::read);
  }

  @Override
  public Future<List<OpenTransaction>> openTransactions() {
    return on(openTransactions::read);
  }

  @Override
  public Future<List<ShardRow>> shards(Collection<Integer> counted) {
    return on(open -> shardStatus.watch(open, counted));
  }

  @Override
  public Future<List<ForeignLock>> foreignLocks() {
    return on(open -> ForeignLock.find(open, names));
  }

  @Override
  public Future<AccountDifferences.Summary> differences() {
    return on(open -> AccountDifferences.summary(open, names));
  }

  @Override
  public Future<Void> write(List<LeaderReport> reports) {
    return on(open -> reporter.write(open, reports));
  }

  @Override
  public Future<Map<String, Long>> tableSizes() {
    return on(open -> TableSizes.read(open, names));
  }

  @Override
  public Future<Void> release() {
    return connection.release();
  }

  @Override
  public Future<Void> close() {
    return connection.close();
  }
}
