package io.outboxrelay.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InboxTableTest {
  @Test
  void quotesItsNames() {
    assertThat(InboxTable.named("messaging.inbox").script())
        .contains("create table if not exists \"messaging\".\"inbox\" (")
        .contains("create table if not exists \"messaging\".\"inbox_aggregate\" (")
        .contains("create index if not exists \"inbox_handled_at\" on");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "inbox.", ".inbox", "a.b.c"})
  void refusesWhatIsNoName(String name) {
    assertThatThrownBy(() -> InboxTable.named(name))
        .hasMessageEndingWith("is not a valid name of an inbox; write table or schema.table");
  }
}
