package io.outboxrelay.inbox;

class VertxInboxIT extends InboxContract {
  VertxInboxIT() {
    super(AnyVertxInbox::new);
  }
}
