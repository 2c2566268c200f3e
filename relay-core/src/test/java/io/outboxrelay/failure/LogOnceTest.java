package io.outboxrelay.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** If six shards notice the same outage, it is logged once. */
class LogOnceTest {
  private final List<String> said = new ArrayList<>();
  private final LogOnce logOnce = new LogOnce(said::add);

  @Test
  void aFailureOfAllShardsIsLoggedOnce() {
    for (int shard = 0; shard < 6; shard++) {
      logOnce.raise("the database is away");
    }
    logOnce.raise("a privilege is missing");

    assertThat(said).containsExactly("the database is away", "a privilege is missing");
  }

  @Test
  void theNextOutageIsSaidAgain() {
    logOnce.raise("the database is away");
    logOnce.over();
    logOnce.raise("the database is away");

    assertThat(said).hasSize(2);
  }
}
