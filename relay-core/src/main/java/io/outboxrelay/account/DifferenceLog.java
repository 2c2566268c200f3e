package io.outboxrelay.account;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs a difference when it is found, when it changes and when it is gone; a comparison with an
 * unchanged result logs nothing. Only the {@value #MOST} differences with the lowest numbers are
 * followed.
 */
final class DifferenceLog {
  private static final Logger LOG = LoggerFactory.getLogger(DifferenceLog.class);

  static final int MOST = 100;

  private final SqlClient database;
  private final OutboxNames names;
  private Map<Long, String> told = Map.of();

  DifferenceLog(SqlClient database, OutboxNames names) {
    this.database = database;
    this.names = names;
  }

  /** Reads the noted differences and logs those that are new, changed or gone. */
  Future<Void> tell() {
    return AccountDifferences.list(database, names, MOST).onSuccess(this::tell).mapEmpty();
  }

  /**
   * Logs what is new in the list.
   *
   * @param differences the noted differences in the order of their ranges, at most {@value #MOST}
   */
  void tell(List<AccountDifference> differences) {
    Map<Long, String> now = new HashMap<>();
    for (var difference : differences) {
      String sentence = difference.sentence();
      now.put(difference.range(), sentence);
      if (!sentence.equals(told.get(difference.range()))) {
        String advice =
            "; the clean-up deletes no event of this range. The command check says what to do";
        if (difference.isLoss()) {
          LOG.error("{}{}", sentence, advice);
        } else {
          LOG.warn("{}{}", sentence, advice);
        }
      }
    }
    // If the list is full, a difference after its last range may have been pushed out of the list
    // by lower ones, so it is not known to be gone.
    long lastRead = differences.size() < MOST ? Long.MAX_VALUE : differences.get(MOST - 1).range();
    for (long range : told.keySet()) {
      if (range <= lastRead && !now.containsKey(range)) {
        LOG.info(
            "the difference in the sequence numbers {} to {} is gone: the outbox holds what was"
                + " delivered, or an operator has accepted the difference",
            AccountRange.first(range),
            AccountRange.last(range));
      }
    }
    told = now;
  }
}
