package io.outboxrelay.check;

import io.outboxrelay.account.AccountDifference;
import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Finding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reports the ranges of sequence numbers in which the events in the outbox differ from the account
 * of delivered events.
 */
final class AccountCheck implements DatabaseCheck {
  private static final int MOST = 10;

  private final OutboxNames names;

  AccountCheck(OutboxNames names) {
    this.names = names;
  }

  @Override
  public Future<List<Finding>> examine(PgConnection connection) {
    return AccountDifferences.list(connection, names, MOST + 1)
        .compose(differences -> findings(connection, differences));
  }

  private Future<List<Finding>> findings(
      PgConnection connection, List<AccountDifference> differences) {
    var findings = new ArrayList<Finding>();
    Future<Void> done = Future.succeededFuture();
    for (var difference : differences.subList(0, Math.min(MOST, differences.size()))) {
      done =
          done.compose(before -> AccountDifferences.examine(connection, names, difference.first()))
              .onSuccess(
                  now -> {
                    if (now != null) {
                      findings.add(finding(now.difference(), now.missed()));
                    }
                  })
              .mapEmpty();
    }
    return done.map(
        told -> {
          if (differences.size() > MOST) {
            findings.add(
                Finding.warning(
                    "there are more such ranges", "list them with the command differences"));
          }
          return findings.isEmpty()
              ? List.of(Finding.ok("the outbox holds what was delivered, as far as was compared"))
              : List.copyOf(findings);
        });
  }

  private static Finding finding(AccountDifference difference, @Nullable Long missed) {
    String range = difference.first() + "-" + difference.last();
    String accept = "differences accept " + range + ", so that the clean-up goes on there";
    if (difference.standing() < difference.delivered()) {
      return Finding.warning(
          difference.sentence(),
          "if an application or an operator deletes rows of the outbox, leave that to the clean-up;"
              + " then run "
              + accept);
    }
    String which =
        missed == null
            ? "; such rows were inserted with an xid or a seq of their own, updated, or copied here"
            : "; the account lacks the event with the number " + missed;
    String remedy =
        "run replay --numbers "
            + range
            + ", which sends the range again, repeats included; then run "
            + accept;
    return difference.isLoss()
        ? Finding.problem(difference.sentence() + which, remedy)
        : Finding.warning(difference.sentence(), remedy);
  }
}
