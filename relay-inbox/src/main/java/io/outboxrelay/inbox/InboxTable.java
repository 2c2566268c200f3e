package io.outboxrelay.inbox;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The names of the two inbox tables in a consumer's database, and their SQL. */
public final class InboxTable {
  private static final int NAMES_AT_MOST = 2;

  /**
   * The maximum number of rows that one clean-up statement deletes. With more rows, its transaction
   * would be long; with fewer rows, the clean-up would need many round trips.
   */
  static final int FORGOTTEN_AT_ONCE = 5_000;

  private final List<String> names;

  private InboxTable(List<String> names) {
    this.names = names;
  }

  /**
   * Returns the inbox with this table name, such as {@code inbox} or {@code messaging.inbox}. If
   * the name has a schema, the schema must exist.
   *
   * @throws IllegalArgumentException if the name has an empty part or more than two parts
   */
  public static InboxTable named(String name) {
    var names = List.of(name.split("\\.", -1));
    if (names.size() > NAMES_AT_MOST || names.contains("")) {
      throw new IllegalArgumentException(
          "\"%s\" is not a valid name of an inbox; write table or schema.table".formatted(name));
    }
    return new InboxTable(names);
  }

  /**
   * Returns the DDL, for consumers that run their own migrations. Running it again changes nothing.
   */
  public String script() {
    return """
    create table if not exists %1$s (
      consumer   text        not null,
      event_id   uuid        not null,
      handled_at timestamptz not null default now(),
      primary key (consumer, event_id)
    );
    create index if not exists %3$s on %1$s (consumer, handled_at);
    create table if not exists %2$s (
      consumer       text   not null,
      aggregate_type text   not null,
      aggregate_id   text   not null,
      sequence       bigint not null,
      previous       bigint,
      primary key (consumer, aggregate_type, aggregate_id)
    ) with (fillfactor = 70);
    """
        .formatted(notes(), aggregates(), quoted(names.get(names.size() - 1) + "_handled_at"));
  }

  /**
   * Returns the query that acquires a lock, so that only one process creates the tables at a time.
   */
  String takeTurns() {
    return "select pg_advisory_xact_lock(hashtext('outbox-relay inbox'))";
  }

  /**
   * Returns the statement that records events. It returns the new ones, each with the sequence
   * number that its aggregate had reached before.
   *
   * <p>Parameters: ids, types, aggregates, sequence numbers, consumer. Each is used once and in
   * this order, so that the statement also works with JDBC's {@code ?}.
   *
   * <p>Ids and aggregates are locked in sorted order, so that two consumers that handle the same
   * events cannot deadlock. The consumer that comes second waits until the transaction of the first
   * one ends.
   */
  String note() {
    return """
    with given as (
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[])
        as given (id, type, aggregate, sequence)
    ), noted as (
      insert into %1$s (consumer, event_id)
      select $5::text, id from given order by id
      on conflict do nothing
      returning consumer, event_id
    ), reached as (
      insert into %2$s as before (consumer, aggregate_type, aggregate_id, sequence)
      select consumer, type, aggregate, max(sequence)
      from given join noted on event_id = id
      where sequence is not null
      group by consumer, type, aggregate
      order by type, aggregate
      on conflict (consumer, aggregate_type, aggregate_id) do update
        set previous = before.sequence,
            sequence = greatest(before.sequence, excluded.sequence)
      returning aggregate_type, aggregate_id, previous
    )
    select event_id, aggregate_type, aggregate_id, previous
    from noted
      join given on id = event_id
      left join reached on aggregate_type = type and aggregate_id = aggregate
    """
        .formatted(notes(), aggregates());
  }

  /**
   * Returns the statement that deletes old rows. It skips rows that another clean-up has locked.
   * Parameters: consumer, age in milliseconds.
   */
  String forget() {
    return """
    delete from %1$s
    where (consumer, event_id) in (
      select consumer, event_id from %1$s
      where consumer = $1 and handled_at < now() - $2 * interval '1 millisecond'
      order by handled_at
      limit %2$d
      for update skip locked)
    """
        .formatted(notes(), FORGOTTEN_AT_ONCE);
  }

  static long millis(Duration age) {
    if (age.isNegative() || age.isZero()) {
      throw new IllegalArgumentException(
          "rows older than %s would be all rows; give an age after which no repeat can arrive"
              .formatted(age));
    }
    return age.toMillis();
  }

  private String notes() {
    return qualified("");
  }

  private String aggregates() {
    return qualified("_aggregate");
  }

  private String qualified(String suffix) {
    return Arrays.stream((this + suffix).split("\\."))
        .map(InboxTable::quoted)
        .collect(Collectors.joining("."));
  }

  private static String quoted(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  @Override
  public String toString() {
    return String.join(".", names);
  }
}
