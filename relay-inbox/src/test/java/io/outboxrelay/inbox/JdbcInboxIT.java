package io.outboxrelay.inbox;

class JdbcInboxIT extends InboxContract {
  JdbcInboxIT() {
    super(AnyJdbcInbox::new);
  }
}
