package io.outboxrelay.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.settings.SettingProblem;
import io.outboxrelay.settings.Settings;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The section outbox.columns, and the SQL that results from it. */
class OutboxColumnsTest {
  private static OutboxNames names(Map<String, String> columns) {
    return OutboxConfig.from(
            Settings.of("test", Map.of("outbox", Map.of("table", "t", "columns", columns))))
        .names();
  }

  private static List<String> mistakes(Map<String, String> columns) {
    var settings = Settings.of("test", Map.of("outbox", Map.of("columns", columns)));
    OutboxConfig.from(settings);
    try {
      settings.verify();
      return List.of();
    } catch (InvalidSettingsException e) {
      return e.problems().stream().map(SettingProblem::toString).toList();
    }
  }

  /**
   * The statements for the table of init contain no sub-select, so they stay as fast as they are.
   */
  @Test
  void theTableOfInitIsReadByItsOwnNames() {
    var names = names(Map.of());

    assertThat(names).isEqualTo(new OutboxNames("public", "t"));
    assertThat(names.events()).isEqualTo("\"public\".\"t\"");
    assertThat(names.events("event")).isEqualTo("\"public\".\"t\" event");
    for (var column : OutboxColumn.values()) {
      assertThat(names.columns().sql(column)).isEqualTo(column.sql());
      assertThat(names.columns().expression(column, "event.")).isEqualTo("event." + column.sql());
    }
  }

  @Test
  void anotherTableIsReadThroughASubSelect() {
    var names =
        names(
            Map.of(
                "seq", "Number",
                "id-type", "number",
                "aggregate-type", "none",
                "aggregate-id", "key",
                "headers", "none"));

    assertThat(names.events("event"))
        .isEqualTo(
            "(select xid as xid, \"Number\" as seq,"
                + " lpad(translate(id::text, '-', 'f'), 32, '0')::uuid as id,"
                + " 't'::text as aggregate_type, \"key\"::text as aggregate_id,"
                + " event_type::text as event_type, payload as payload, null::jsonb as headers,"
                + " created_at as created_at, xmin from \"public\".\"t\" where \"Number\" is not null)"
                + " event");
  }

  @Test
  void twoColumnsCannotBeMappedToOne() {
    assertThat(mistakes(Map.of("aggregate-type", "topic", "event-type", "topic")))
        .singleElement()
        .asString()
        .contains("outbox.columns.event-type")
        .contains("is the column of outbox.columns.aggregate-type too");
  }

  @Test
  void aColumnThatIsNeededCannotBeLeftOut() {
    assertThat(mistakes(Map.of("created-at", "none")))
        .singleElement()
        .asString()
        .contains("outbox.columns.created-at")
        .contains("init --adopt adds");
  }

  @Test
  void idsOfOtherTypesBecomeUuids() {
    assertThat(EventIdType.NUMBER.uuid("42")).hasToString("00000000-0000-0000-0000-000000000042");
    assertThat(EventIdType.NUMBER.uuid("-9223372036854775808"))
        .hasToString("00000000-0000-f922-3372-036854775808");
    var id = UUID.randomUUID();
    assertThat(EventIdType.TEXT.uuid(id.toString())).isEqualTo(id);
    assertThat(EventIdType.TEXT.uuid("ä")).hasToString("8419b71c-87a2-25a2-c70b-50486fbee545");
  }
}
