package io.outboxrelay.inbox;

import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** The code of docs/inbox.md; it is here so that the build compiles it. */
final class GuideSnippets {
  private GuideSnippets() {}

  abstract static class WithVertx {
    private final VertxInbox inbox;

    WithVertx(Pool pool) {
      inbox = VertxInbox.of(pool, InboxTable.named("inbox"), "payroll");
    }

    Future<?> onMessage(ReceivedMessage message) {
      return inbox
          .handle(
              InboxMessage.of(message, name -> message.headers().get(name)),
              (arrival, connection) -> pay(arrival.message(), connection))
          .onSuccess(handled -> acknowledge(message));
    }

    abstract Future<?> pay(ReceivedMessage message, SqlConnection connection);

    abstract void acknowledge(ReceivedMessage message);
  }

  abstract static class WithJdbc {
    private final JdbcInbox inbox;

    WithJdbc(DataSource dataSource) {
      inbox = JdbcInbox.of(dataSource, InboxTable.named("inbox"), "payroll");
    }

    void onMessage(ReceivedMessage message) throws SQLException {
      inbox.handle(
          InboxMessage.of(message, name -> message.headers().get(name)),
          (arrival, connection) -> pay(arrival.message(), connection));
      acknowledge(message);
    }

    abstract void pay(ReceivedMessage message, Connection connection) throws SQLException;

    abstract void acknowledge(ReceivedMessage message);
  }
}
