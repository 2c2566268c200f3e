package io.outboxrelay.bench;

import java.sql.SQLException;

/** The ways in which the database can notify a relay of new events. */
enum NotifyMode {
  NONE("alter table outbox disable trigger outbox_ring"),
  /** The common solution: each transaction notifies. */
  ALWAYS(
      """
      alter table outbox disable trigger outbox_ring;
      create or replace function notify_always() returns trigger language plpgsql as
        $$ begin perform pg_notify('always', ''); return null; end $$;
      create trigger notify_always after insert on outbox
        for each statement execute function notify_always();
      """),
  DOORBELL("alter table outbox enable trigger outbox_ring");

  private final String install;

  NotifyMode(String install) {
    this.install = install;
  }

  /** Installs this way, and removes the others. */
  void install(BenchmarkEnvironment stage) throws SQLException {
    stage.database.execute("drop trigger if exists notify_always on outbox");
    stage.database.execute(install);
  }
}
