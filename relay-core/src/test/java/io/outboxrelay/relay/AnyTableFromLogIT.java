package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Repeats the tests of a user's own table with relays that read the write-ahead log. */
@ExtendWith(ReadingTheLog.class)
class AnyTableFromLogIT extends AnyTableIT {
  /** The log of such a table tells only the primary key of a deleted row. */
  @Test
  void aRowThatItsTransactionDeletesIsPublishedAndNotMissed() throws SQLException {
    debezium();
    adopt(null);
    bench.leading();

    bench
        .database()
        .execute(
            "begin; insert into messages (aggregatetype, aggregateid, type, payload) values"
                + " ('order', 'o-1', 'created', '{}'), ('order', 'o-2', 'created', '{}');"
                + " delete from messages; commit");

    assertThat(texts(arrived(2))).containsExactly("{}", "{}");
    await()
        .atMost(PATIENCE)
        .until(() -> !bench.query("select top from messages_checkpoint").equals("0"));
    assertThat(bench.query("select coalesce(sum(events), 0) from messages_account")).isEqualTo("0");
    assertThat(problems()).isEmpty();
  }
}
