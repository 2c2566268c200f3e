package io.outboxrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Six shards notice an outage six times; it is said once. */
class ComplaintsTest {
  private final List<String> said = new ArrayList<>();
  private final Complaints complaints = new Complaints(said::add);

  @Test
  void whatEveryShardNoticesIsSaidOnce() {
    for (int shard = 0; shard < 6; shard++) {
      complaints.raise("the database is away");
    }
    complaints.raise("a privilege is missing");

    assertThat(said).containsExactly("the database is away", "a privilege is missing");
  }

  @Test
  void theNextOutageIsSaidAgain() {
    complaints.raise("the database is away");
    complaints.over();
    complaints.raise("the database is away");

    assertThat(said).hasSize(2);
  }
}
