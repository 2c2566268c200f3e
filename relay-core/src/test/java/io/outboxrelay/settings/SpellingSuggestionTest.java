package io.outboxrelay.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class SpellingSuggestionTest {
  private static final Set<String> KNOWN =
      Set.of(
          "broker",
          "database.uri",
          "database.tls.ca",
          "database.tls.key",
          "database.tls.mode",
          "kafka.bootstrap.servers",
          "kafka.topic",
          "outbox.table",
          "rabbitmq.uri",
          "relay.page-size",
          "relay.page-bytes");

  @Test
  void forgivesSeparatorsAndCapitals() {
    assertSuggested("kafka.bootstrapServers", "kafka.bootstrap.servers");
    assertSuggested("relay.page_size", "relay.page-size");
    assertSuggested("Relay.PageSize", "relay.page-size");
  }

  @Test
  void forgivesAFewDeadLetters() {
    assertSuggested("kafka.bootstrap-server", "kafka.bootstrap.servers");
    assertSuggested("kafka.tpoic", "kafka.topic");
    assertSuggested("kafak.topic", "kafka.topic");
    assertSuggested("databse.uri", "database.uri");
    assertSuggested("borker", "broker");
    assertSuggested("database.tls.cas", "database.tls.ca");
  }

  @Test
  void findsTheRightNameInTheWrongSection() {
    assertSuggested("page-size", "relay.page-size");
    assertSuggested("relay.table", "outbox.table");
    assertSuggested("broker.kafka.topic", "kafka.topic");
  }

  @Test
  void isSilentRatherThanFarFetched() {
    assertThat(SpellingSuggestion.of("relay.colour", KNOWN)).isEmpty();
    assertThat(SpellingSuggestion.of("database.tls.cipher", KNOWN)).isEmpty();
    assertThat(SpellingSuggestion.of("uri", KNOWN)).as("two are named so").isEmpty();
    assertThat(SpellingSuggestion.of("x", KNOWN)).isEmpty();
  }

  private static void assertSuggested(String unknown, String candidate) {
    assertThat(SpellingSuggestion.of(unknown, KNOWN)).contains(candidate);
  }
}
