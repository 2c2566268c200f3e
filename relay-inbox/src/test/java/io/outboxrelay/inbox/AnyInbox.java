package io.outboxrelay.inbox;

import io.outboxrelay.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * An interface to both inboxes for the contract. Messages are texts, and their effect is one SQL
 * statement. A call returns when the inbox has answered, and throws the inbox's failure unchanged.
 */
interface AnyInbox extends AutoCloseable {
  /** Returns an inbox of {@code consumer} on connections of its own, as in another process. */
  AnyInbox another(String consumer);

  void install() throws Exception;

  InboxResult<String> handle(
      InboxMessage<String> received, Function<InboxResult<String>, String> effect) throws Exception;

  List<InboxResult<String>> handleAll(
      List<InboxMessage<String>> received, Function<List<InboxResult<String>>, String> effect)
      throws Exception;

  /** Records one event in a transaction that is rolled back. */
  InboxResult<String> noteAndRollBack(InboxMessage<String> received) throws Exception;

  long forgetOlderThan(Duration age) throws Exception;

  @Override
  void close();

  /** Creates an inbox for a database. */
  interface Maker {
    AnyInbox make(TestDatabase database, InboxTable table, String consumer);
  }
}
