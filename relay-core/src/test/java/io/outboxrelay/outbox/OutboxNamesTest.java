package io.outboxrelay.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** The names of two outboxes differ, and do not change from version to version. */
class OutboxNamesTest {
  @Test
  void identifiersAreQuoted() {
    var names = new OutboxNames("My \"own\"", "Out.Box");

    assertThat(names.outbox()).isEqualTo("\"My \"\"own\"\"\".\"Out.Box\"");
    assertThat(names.checkpoint()).isEqualTo("\"My \"\"own\"\"\".\"Out.Box_checkpoint\"");
    assertThat(names.ringTrigger()).isEqualTo("\"Out.Box_ring\"");
  }

  @Test
  void locksAndChannelsOfTwoOutboxesDiffer() {
    var one = new OutboxNames("public", "outbox");
    var other = new OutboxNames("public", "outbox2");

    assertThat(one.channel()).isNotEqualTo(other.channel());
    assertThat(
            Set.of(
                one.leaseLock(0),
                one.leaseLock(1),
                one.doorbellLock(0),
                one.doorbellLock(1),
                other.leaseLock(0),
                other.doorbellLock(0)))
        .hasSize(6);
  }

  /** Relays of two versions must use the same locks, and so must a trigger of an older version. */
  @Test
  void locksAndChannelsAreTheSameForEver() {
    var names = new OutboxNames("public", "outbox");

    assertThat(names.channel()).isEqualTo("outbox_2009a150");
    assertThat(names.doorbellLock(0)).isEqualTo("537502032, 0");
    assertThat(names.leaseLock(0)).isEqualTo("537502032, 1");
  }
}
