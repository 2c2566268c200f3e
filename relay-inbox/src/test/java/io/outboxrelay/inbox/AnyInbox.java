package io.outboxrelay.inbox;

import io.outboxrelay.testkit.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * Either inbox as the contract sees it: messages are texts, and the effect of some is one SQL
 * statement. Calls return when the inbox has answered; failures are thrown as they are.
 */
interface AnyInbox extends AutoCloseable {
  /** Another process of the same or another consumer, on connections of its own. */
  AnyInbox another(String consumer);

  void install() throws Exception;

  InboxResult<String> handle(
      InboxMessage<String> received, Function<InboxResult<String>, String> effect) throws Exception;

  List<InboxResult<String>> handleAll(
      List<InboxMessage<String>> received, Function<List<InboxResult<String>>, String> effect)
      throws Exception;

  /** Notes one event in a transaction that is rolled back. */
  InboxResult<String> noteAndRollBack(InboxMessage<String> received) throws Exception;

  long forgetOlderThan(Duration age) throws Exception;

  @Override
  void close();

  /** Makes one for a database. */
  interface Maker {
    AnyInbox make(TestDatabase database, InboxTable table, String consumer);
  }
}
