package io.outboxrelay.chaos;

/**
 * The kinds of faults, each with its target, frequency, shortest and longest duration in
 * milliseconds, and description.
 */
enum FaultKind {
  RELAY_KILLED(FaultTarget.RELAY, 3, 0, 5_000, "killed with -9, back later"),
  RELAY_FROZEN(FaultTarget.RELAY, 2, 500, 20_000, "frozen with SIGSTOP"),
  RELAY_RESTARTED(FaultTarget.RELAY, 3, 0, 500, "stopped with SIGTERM and started again"),
  DATABASE_LINK_CUT(FaultTarget.DATABASE_LINK, 2, 0, 3_000, "connections to the database cut"),
  DATABASE_LINK_REFUSED(FaultTarget.DATABASE_LINK, 1, 500, 10_000, "database refuses connections"),
  DATABASE_LINK_SWALLOWED(
      FaultTarget.DATABASE_LINK, 3, 1_000, 45_000, "black hole to the database"),
  DATABASE_LINK_SLOW(FaultTarget.DATABASE_LINK, 2, 2_000, 20_000, "slow link to the database"),
  BROKER_LINK_CUT(FaultTarget.BROKER_LINK, 2, 0, 3_000, "connections to the broker cut"),
  BROKER_LINK_REFUSED(FaultTarget.BROKER_LINK, 1, 500, 10_000, "broker refuses connections"),
  BROKER_LINK_SWALLOWED(FaultTarget.BROKER_LINK, 2, 1_000, 45_000, "black hole to the broker"),
  BROKER_CUT_OFF(
      FaultTarget.BROKER_LINK,
      3,
      15_000,
      40_000,
      "cut off from the broker, while other relays reach it"),
  BROKER_LINK_SLOW(FaultTarget.BROKER_LINK, 2, 2_000, 20_000, "slow link to the broker"),
  DATABASE_RESTARTED(FaultTarget.DATABASE, 1, 0, 0, "database restarted cleanly"),
  DATABASE_KILLED(FaultTarget.DATABASE, 2, 0, 5_000, "database killed with -9, back later"),
  DATABASE_FROZEN(FaultTarget.DATABASE, 1, 500, 10_000, "database frozen"),
  SESSIONS_TERMINATED(FaultTarget.SESSIONS, 2, 0, 3_000, "the relays' sessions terminated"),
  QUERIES_CANCELLED(FaultTarget.SESSIONS, 1, 500, 5_000, "the relays' queries cancelled"),
  STATEMENT_TIMEOUT(FaultTarget.SESSIONS, 1, 1_000, 10_000, "a short statement_timeout"),
  READ_ONLY(FaultTarget.SESSIONS, 1, 1_000, 10_000, "database read-only"),
  LOGIN_REFUSED(FaultTarget.SESSIONS, 1, 1_000, 8_000, "the relays may not log in"),
  PRIVILEGE_REVOKED(FaultTarget.SESSIONS, 1, 1_000, 8_000, "a privilege revoked"),
  TABLE_LOCKED(FaultTarget.SESSIONS, 1, 500, 12_000, "a table of the relay's locked"),
  ROW_SECURITY_ON(
      FaultTarget.SESSIONS, 1, 1_000, 8_000, "row-level security that hides events switched on"),
  SETTINGS_CHANGED(
      FaultTarget.SESSIONS,
      2,
      1_000,
      15_000,
      "a setting that suits applications set for the relays' role"),
  PASSWORD_CHANGED(
      FaultTarget.SESSIONS, 1, 500, 8_000, "the relays' password changed, their file later"),
  SEQUENCE_MOVED(FaultTarget.SESSIONS, 1, 0, 0, "the outbox's sequence moved on"),
  LETTERS_LOCKED(FaultTarget.SESSIONS, 2, 1_000, 15_000, "dead letters locked by an operator"),
  BROKER_RESTARTED(FaultTarget.BROKER, 1, 0, 2_000, "broker restarted cleanly"),
  BROKER_KILLED(FaultTarget.BROKER, 2, 0, 5_000, "broker killed with -9, back later"),
  BROKER_FROZEN(FaultTarget.BROKER, 2, 500, 20_000, "broker frozen"),
  BROKER_REFUSING(FaultTarget.BROKER, 2, 1_000, 15_000, "broker accepts few messages, or none"),
  DESTINATION_REFUSING(
      FaultTarget.DESTINATION,
      3,
      2_000,
      30_000,
      "one destination accepts nothing while the others do"),
  DESTINATION_LACKING(
      FaultTarget.DEAD_LETTERS,
      3,
      1_000,
      25_000,
      "a new destination that lacks something until later"),
  EVENTS_EDITED(
      FaultTarget.DEAD_LETTERS,
      2,
      500,
      15_000,
      "events that the broker never accepts, edited and retried"),
  LONG_TRANSACTION(FaultTarget.EVENTS, 2, 2_000, 60_000, "a transaction held open"),
  FOREIGN_TRANSACTION(
      FaultTarget.EVENTS, 2, 2_000, 60_000, "a transaction held open in another database"),
  EVENTS_REJECTED(FaultTarget.EVENTS, 3, 0, 0, "events that the broker will never accept"),
  SHARDS_CHANGED(
      FaultTarget.SHARDS, 2, 0, 10_000, "the outbox divided among another number of shards");

  private final FaultTarget area;
  private final int weight;
  private final int leastMillis;
  private final int mostMillis;
  private final String words;

  FaultKind(FaultTarget area, int weight, int leastMillis, int mostMillis, String words) {
    this.area = area;
    this.weight = weight;
    this.leastMillis = leastMillis;
    this.mostMillis = mostMillis;
    this.words = words;
  }

  FaultTarget area() {
    return area;
  }

  /** Returns how often the kind occurs in each shuffled list of kinds. */
  int weight() {
    return weight;
  }

  int leastMillis() {
    return leastMillis;
  }

  int mostMillis() {
    return mostMillis;
  }

  String words() {
    return words;
  }
}
