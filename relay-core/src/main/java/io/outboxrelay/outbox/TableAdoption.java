package io.outboxrelay.outbox;

import io.outboxrelay.database.DatabaseException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Adds the columns, defaults and indexes that the relay needs to an existing table, by the steps of
 * an {@link AdoptionPlan}. No step rewrites the table, and each blocks writers only for moments.
 *
 * <p>The steps cannot be one transaction. If a step fails, the results of the earlier steps remain,
 * and the application can continue to write. The next run executes the remaining steps. No relay
 * starts before the last step is done.
 */
public final class TableAdoption {
  private final Vertx vertx;
  private final PgConnection connection;
  private final OutboxNames names;
  private final @Nullable ExistingRows existing;

  /**
   * @param existing the meaning of the existing rows; null if the operator has not stated it
   */
  public TableAdoption(
      Vertx vertx, PgConnection connection, OutboxNames names, @Nullable ExistingRows existing) {
    this.vertx = vertx;
    this.connection = connection;
    this.names = names;
    this.existing = existing;
  }

  /** The steps that are left. */
  public static final class Plan {
    private final List<AdoptionStep> steps;

    private Plan(List<AdoptionStep> steps) {
      this.steps = steps;
    }

    /** Returns true if no step is left, which means that the table is adopted. */
    public boolean isEmpty() {
      return steps.isEmpty();
    }

    /** Returns the steps as texts, with their numbers and statements. */
    public List<String> described() {
      return IntStream.range(0, steps.size())
          .mapToObj(at -> steps.get(at).described(at + 1))
          .toList();
    }
  }

  /**
   * Completes with the steps that are left; changes nothing. Fails if the table cannot be adopted.
   */
  public Future<Plan> plan() {
    return ForeignTable.read(connection, names)
        .map(table -> new Plan(AdoptionPlan.of(names, table, existing)))
        .recover(TableAdoption::refused);
  }

  private static <T> Future<T> refused(Throwable failure) {
    return Future.failedFuture(
        failure instanceof OutboxTable.IncompleteException
            ? DatabaseException.refused(failure.getMessage() + ". Nothing was changed")
            : failure);
  }

  /**
   * Executes a plan.
   *
   * @param installation creates the relay's own tables
   * @param within for how long a step is repeated if it does not get its lock
   */
  public Future<Void> run(Plan plan, OutboxInstallation installation, Duration within) {
    var locks =
        new ShortLocks(
            vertx,
            connection,
            names,
            within,
            "Steps that were completed before stay, and init --adopt goes on with the rest");
    var numbering = new RowNumbering(connection, names, locks);
    Future<Void> done = installation.verify().compose(possible -> unlimited());
    for (var step : new ArrayList<>(plan.steps)) {
      done = done.compose(before -> execute(step, locks, numbering, installation));
    }
    return AdoptionPlan.numbers(plan.steps) ? done.compose(before -> numbering.beginThere()) : done;
  }

  /**
   * Switches off the connection's time limits for statements, because the creation of an index on a
   * large table can take longer than they allow.
   */
  private Future<Void> unlimited() {
    return connection
        .query("set statement_timeout = 0; set lock_timeout = 0; set client_min_messages = warning")
        .execute()
        .mapEmpty();
  }

  private Future<Void> execute(
      AdoptionStep step,
      ShortLocks locks,
      RowNumbering numbering,
      OutboxInstallation installation) {
    return switch (step.manner()) {
      case SHORT_LOCK -> locks.change(() -> connection.query(step.sql()).execute().mapEmpty());
      case CONCURRENT -> connection.query(step.sql()).execute().mapEmpty();
      case NUMBERING -> numbering.run();
      case INSTALLATION -> installation.run(locks).mapEmpty();
    };
  }
}
