package io.outboxrelay.outbox;

import io.outboxrelay.outbox.AdoptionStep.Manner;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plans the steps that make an existing table readable by the relay. A plan contains only the steps
 * that were not executed before. If an adoption was interrupted, the next plan therefore holds the
 * remaining steps.
 *
 * <p>A step adds a column without its default, because adding a column with a volatile default
 * rewrites the table. A later step adds the default, which applies only to rows that are written
 * from then on. An existing row therefore has neither a transaction id nor a sequence number. The
 * relay ignores such a row until it is numbered.
 */
final class AdoptionPlan {
  /**
   * The fewest bytes that a row takes. The size of a table divided by this is an upper bound of the
   * number of its rows.
   */
  private static final int LEAST_ROW = 28;

  private final OutboxNames names;
  private final OutboxColumns columns;
  private final ForeignTable table;
  private final @Nullable ExistingRows existing;
  private final List<AdoptionStep> steps = new ArrayList<>();

  private AdoptionPlan(OutboxNames names, ForeignTable table, @Nullable ExistingRows existing) {
    this.names = names;
    this.columns = names.columns();
    this.table = table;
    this.existing = existing;
  }

  /**
   * Returns the steps that are left; an empty list if the table is already adopted.
   *
   * @param existing the meaning of the existing rows; null if the operator has not stated it
   * @throws OutboxTable.IncompleteException if the table cannot be adopted; the message says why
   */
  static List<AdoptionStep> of(
      OutboxNames names, ForeignTable table, @Nullable ExistingRows existing) {
    var plan = new AdoptionPlan(names, table, existing);
    plan.verify();
    plan.sequence();
    plan.columns();
    plan.index();
    plan.defaults();
    plan.rest();
    return List.copyOf(plan.steps);
  }

  /** Returns true if one of the steps numbers the existing rows. */
  static boolean numbers(List<AdoptionStep> steps) {
    return steps.stream().anyMatch(step -> step.manner() == Manner.NUMBERING);
  }

  private void verify() {
    if (!columns.isMapped()) {
      throw new OutboxTable.IncompleteException(
          "outbox.columns is not set, so the table "
              + names.outbox()
              + " is taken for one that init creates; name its columns there before init --adopt");
    }
    NeededColumns.types(columns)
        .forEach(
            (name, types) -> {
              var column = table.columns().get(name);
              if (column != null) {
                verifyType(name, types, column);
              } else if (!columns.added().contains(name) && !columns.further().mayLack(name)) {
                throw new OutboxTable.IncompleteException(
                    "the table %s lacks the column %s; name another one in %s%s"
                        .formatted(
                            names.outbox(),
                            name,
                            columns.settingOf(name),
                            columns.mayBeAbsent(name) ? ", or none" : ""));
              }
            });
    verifyId();
    verifyExisting();
    if (table.state().isPartitioned()
        && table.partitions().stream().anyMatch(partition -> !partition.isDirect())) {
      throw new OutboxTable.IncompleteException(
          "a partition of %s is partitioned itself, and init --adopt indexes one level only"
              .formatted(names.outbox()));
    }
  }

  private void verifyType(String name, Set<String> types, ForeignTable.Column column) {
    if (!NeededColumns.isReadable(columns, types, column.type().base(), column.type().readAs())) {
      throw new OutboxTable.IncompleteException(
          "the column %s of %s is of type %s, and %s was expected; it is named in %s%s"
              .formatted(
                  name,
                  names.outbox(),
                  column.type().base(),
                  String.join(" or ", types.stream().sorted().toList()),
                  columns.settingOf(name),
                  columns.required(OutboxColumn.ID).equals(name)
                      ? ", and its type in outbox.columns.id-type"
                      : ""));
    }
  }

  private void verifyId() {
    String id = columns.required(OutboxColumn.ID);
    var column = Objects.requireNonNull(table.columns().get(id));
    if (!column.required() || !column.identifies()) {
      throw new OutboxTable.IncompleteException(
          "the column %s of %s %s, so it cannot tell events apart; make it the primary key, or name another column in %s"
              .formatted(
                  id,
                  names.outbox(),
                  column.required() ? "has no unique index" : "may be null",
                  columns.settingOf(id)));
    }
  }

  private void verifyExisting() {
    if (table.state().isInstalled()) {
      return;
    }
    if (existing == null && table.state().hasRows()) {
      throw new OutboxTable.IncompleteException(
          "the table %s holds rows; say with --existing published or --existing waiting if they"
                  .formatted(names.outbox())
              + " have been published");
    }
    Long reserved = table.reserved();
    if (reserved != null && isNumbered()) {
      var begun = reserved == 0 ? ExistingRows.PUBLISHED : ExistingRows.WAITING;
      if (existing != null && existing != begun && table.state().hasRows()) {
        throw new OutboxTable.IncompleteException(
            "the adoption of %s was begun with --existing %2$s; complete it with --existing %2$s"
                .formatted(names.outbox(), word(begun)));
      }
    }
  }

  private static String word(ExistingRows rows) {
    return rows.name().toLowerCase(Locale.ROOT);
  }

  private void step(Manner manner, String sentence, String... sql) {
    String statements =
        Stream.of(sql).filter(one -> !one.isEmpty()).collect(Collectors.joining("\n"));
    steps.add(new AdoptionStep(sentence, statements, manner));
  }

  private void sequence() {
    if (table.reserved() == null) {
      step(
          Manner.SHORT_LOCK,
          "Create the sequence that numbers the events.",
          "create sequence if not exists %s cache 1;".formatted(names.sequence()));
    }
    if (!table.state().writers().isEmpty()) {
      step(
          Manner.SHORT_LOCK,
          "Let the roles that insert rows use the sequence.",
          "grant usage on sequence %s to %s;"
              .formatted(names.sequence(), String.join(", ", table.state().writers())));
    }
  }

  private void columns() {
    var missing =
        Stream.of(OutboxColumn.XID, OutboxColumn.SEQ, OutboxColumn.CREATED_AT)
            .filter(column -> found(column) == null)
            .toList();
    if (missing.isEmpty()) {
      return;
    }
    step(
        Manner.SHORT_LOCK,
        "Add columns without a default, which rewrites nothing and locks the table for a moment.",
        "alter table %s %s;"
            .formatted(
                names.outbox(),
                missing.stream()
                    .map(column -> "add column " + columns.sql(column) + " " + type(column))
                    .collect(Collectors.joining(", "))));
  }

  private static String type(OutboxColumn column) {
    return switch (column) {
      case XID -> "xid8";
      case SEQ -> "bigint";
      default -> "timestamptz";
    };
  }

  private ForeignTable.@Nullable Column found(OutboxColumn column) {
    return table.columns().get(columns.required(column));
  }

  private void index() {
    var seq = found(OutboxColumn.SEQ);
    if (seq != null && seq.isIndexed()) {
      return;
    }
    String column = sql(OutboxColumn.SEQ);
    for (var partition : table.partitions()) {
      var index = partition.newIndex();
      if (index.isBroken()) {
        step(
            Manner.CONCURRENT,
            "Drop an index that was not completed.",
            "drop index concurrently if exists %s;".formatted(index.qualified()));
      }
      if (partition.index() == null) {
        step(
            Manner.CONCURRENT,
            "Index the sequence numbers of %s; writers are not blocked."
                .formatted(partition.name()),
            "create %sindex concurrently if not exists %s on %s (%s);"
                .formatted(
                    table.state().isPartitioned() ? "" : "unique ",
                    index.name(),
                    partition.name(),
                    column));
      }
    }
    if (table.state().isPartitioned()) {
      step(
          Manner.SHORT_LOCK,
          "Make these indexes the index of the whole table; PostgreSQL creates those of later partitions.",
          wholeIndex(column));
    }
  }

  /**
   * Returns the statements that create the index of a partitioned table and attach the indexes of
   * its partitions to it. The partitions are indexed in earlier steps, because PostgreSQL cannot
   * create the index of a whole partitioned table concurrently.
   */
  private String wholeIndex(String column) {
    String whole = OutboxNames.quoted(names.table() + "_relay_seq");
    return table.partitions().stream()
        .map(
            partition ->
                "\nalter index %s.%s attach partition %s;"
                    .formatted(
                        OutboxNames.quoted(names.schema()),
                        whole,
                        partition.index() == null
                            ? partition.newIndex().qualified()
                            : partition.index()))
        .collect(
            Collectors.joining(
                "",
                "create index if not exists %s on only %s (%s);"
                    .formatted(whole, names.outbox(), column),
                ""));
  }

  private boolean isNumbered() {
    var xid = found(OutboxColumn.XID);
    var seq = found(OutboxColumn.SEQ);
    return xid != null
        && seq != null
        && Numbering.isOwnTransactionId(xid.orElse())
        && Numbering.isNumberedAfterTransactionId(seq.orElse());
  }

  private void defaults() {
    boolean numbersExisting = existing == ExistingRows.WAITING && table.state().hasRows();
    var created = found(OutboxColumn.CREATED_AT);
    boolean isDated = created != null && created.orElse() != null;
    List<String> changes = new ArrayList<>();
    if (!isNumbered()) {
      changes.add("alter %s set default pg_current_xact_id()".formatted(sql(OutboxColumn.XID)));
      changes.add(
          "alter %s set default case when pg_current_xact_id() is not null then nextval('%s') end"
              .formatted(sql(OutboxColumn.SEQ), names.sequence().replace("'", "''")));
    }
    if (!isDated) {
      changes.add("alter %s set default now()".formatted(sql(OutboxColumn.CREATED_AT)));
    }
    if (!table.state().isPaired()) {
      changes.add(
          "add constraint %s check ((%s is null) = (%s is null)) not valid"
              .formatted(ForeignTable.PAIRED, sql(OutboxColumn.XID), sql(OutboxColumn.SEQ)));
    }
    if (!changes.isEmpty()) {
      step(
          Manner.SHORT_LOCK,
          "Set the defaults, which number each row that is written from now on; this locks the"
              + " table for a moment.",
          "alter table %s\n  %s;".formatted(names.outbox(), String.join(",\n  ", changes)),
          numbersExisting && !isNumbered() ? reservation() : "");
    }
    if (numbersExisting && !table.state().isInstalled()) {
      step(
          Manner.NUMBERING,
          "Number the existing rows in the order in which they will be published: %s. Each"
                  .formatted(order())
              + " portion is a transaction of its own, and locks its rows only.",
          "");
    }
  }

  private String sql(OutboxColumn column) {
    return columns.sql(column);
  }

  /**
   * Returns a statement that makes the sequence begin above the numbers that are reserved for
   * existing rows. The statement computes how many numbers to reserve from the size of the table,
   * so it need not count the rows.
   */
  private String reservation() {
    return """
        do $reserve$
        begin
          execute format('alter sequence %1$s start with %%s restart',
            (select coalesce(sum(pg_relation_size(relid)), 0)::bigint / %2$d + 2
             from (select to_regclass('%3$s') as relid
                   union select relid from pg_partition_tree('%3$s')) part));
        end $reserve$;"""
        .formatted(
            names.sequence().replace("'", "''").replace("%", "%%"),
            LEAST_ROW,
            names.outbox().replace("'", "''"));
  }

  /**
   * Returns the order in which existing rows are numbered, as a part of a sentence, such as {@code
   * by id}.
   */
  private String order() {
    return RowNumbering.hasNumberedIds(columns)
        ? "by " + columns.required(OutboxColumn.ID)
        : found(OutboxColumn.CREATED_AT) == null
            ? "as they are stored, because no column tells their order"
            : "by " + columns.required(OutboxColumn.CREATED_AT) + ", then as they are stored";
  }

  private void rest() {
    if (!table.state().isInstalled()) {
      step(
          Manner.INSTALLATION,
          "Create the relay's own tables, the trigger that wakes it and the publication, as init"
              + " does; the trigger locks the table for a moment.",
          "");
    }
  }
}
