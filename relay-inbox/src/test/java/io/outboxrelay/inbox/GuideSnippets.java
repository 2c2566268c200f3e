package io.outboxrelay.inbox;

import io.outboxrelay.testkit.Message;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** What docs/inbox.md quotes, so that it compiles. */
final class GuideSnippets {
  private GuideSnippets() {}

  abstract static class WithVertx {
    private final VertxInbox inbox;

    WithVertx(Pool pool) {
      inbox = VertxInbox.of(pool, InboxTable.named("inbox"), "payroll");
    }

    Future<?> onMessage(Message message) {
      return inbox
          .handle(
              Received.of(message, name -> message.headers().get(name)),
              (arrival, connection) -> pay(arrival.message(), connection))
          .onSuccess(handled -> acknowledge(message));
    }

    abstract Future<?> pay(Message message, SqlConnection connection);

    abstract void acknowledge(Message message);
  }

  abstract static class WithJdbc {
    private final JdbcInbox inbox;

    WithJdbc(DataSource dataSource) {
      inbox = JdbcInbox.of(dataSource, InboxTable.named("inbox"), "payroll");
    }

    void onMessage(Message message) throws SQLException {
      inbox.handle(
          Received.of(message, name -> message.headers().get(name)),
          (arrival, connection) -> pay(arrival.message(), connection));
      acknowledge(message);
    }

    abstract void pay(Message message, Connection connection) throws SQLException;

    abstract void acknowledge(Message message);
  }
}
