package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.PayloadType;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Changes one dead letter, or refuses the change with a reason. */
final class DeadLetterEditor {
  /**
   * Changes the columns for which there is a new value. If the stored headers are not a JSON
   * object, the event cannot become a message; a change of headers then replaces all of them.
   */
  private static final String EDIT =
      """
      update %1$s
      set id = coalesce($2::uuid, id),
          aggregate_type = coalesce($3::text, aggregate_type),
          aggregate_id = coalesce($4::text, aggregate_id),
          event_type = coalesce($5::text, event_type),
          payload = case when $6 then null else coalesce(%2$s, payload) end,
          headers = case when $8
            then (case when jsonb_typeof(headers) = 'object' then headers else '{}' end
                  || $9::text::jsonb) - $10::text[]
            else headers end
      where seq = $1 and redelivery is null
      """;

  private final SqlClient database;
  private final OutboxNames names;
  private final PayloadType type;

  DeadLetterEditor(SqlClient database, OutboxNames names, PayloadType type) {
    this.database = database;
    this.names = names;
    this.type = type;
  }

  /** Makes the change; fails with {@link OperationRefusedException} if it is not possible. */
  Future<Void> make(long seq, DeadLetterEdit edit, @Nullable String version) {
    return database
        .preparedQuery(
            "select state, aggregate_id, redelivery, xmin::text from "
                + names.deadLetter()
                + " where seq = $1 for update")
        .execute(Tuple.of(seq))
        .map(
            rows -> objection(seq, edit, version, rows.size() == 0 ? null : rows.iterator().next()))
        .compose(objection -> objection.isEmpty() ? update(seq, edit) : refused(objection));
  }

  private static String objection(
      long seq, DeadLetterEdit edit, @Nullable String version, @Nullable Row row) {
    String redelivery = row == null ? "done" : String.valueOf(row.getString(2));
    return switch (redelivery) {
      case "done", "discarded" ->
          MissingDeadLetters.absent(Long.toString(seq)) + "; nothing was changed";
      case "requested", "in_progress" ->
          "dead letter "
              + seq
              + " is being retried; nothing was changed. See the outcome with dead-letters show "
              + seq;
      default -> row == null ? "" : objection(seq, edit, version, row, row.getString(3));
    };
  }

  private static String objection(
      long seq, DeadLetterEdit edit, @Nullable String version, Row row, String current) {
    return version == null || version.equals(current)
        ? misplaced(seq, edit, row)
        : "dead letter "
            + seq
            + " was changed by another operator since you read it; nothing was changed. Read it"
            + " again";
  }

  private static String misplaced(long seq, DeadLetterEdit edit, Row row) {
    boolean parked = "parked".equals(row.getString(0));
    if (edit.aggregateId() == null || !parked || edit.aggregateId().equals(row.getString(1))) {
      return "";
    }
    return "dead letter "
        + seq
        + " is parked: its place is in the order of aggregate "
        + row.getString(1)
        + ", so its aggregate id cannot be changed; discard it, and write a new event";
  }

  private Future<Void> update(long seq, DeadLetterEdit edit) {
    Object payload;
    try {
      payload = edit.payload() == null ? null : payload(edit.payload().bytes());
    } catch (CharacterCodingException e) {
      return refused("the payload is not UTF-8, which a column of type " + type.sql() + " needs");
    }
    var values = Tuple.of(seq);
    values.addValue(edit.id());
    values.addValue(edit.aggregateType());
    values.addValue(edit.aggregateId());
    values.addValue(edit.eventType());
    values.addValue(edit.payload() != null && edit.payload().bytes() == null);
    values.addValue(payload);
    values.addValue(!edit.headers().isNothing());
    values.addValue(edit.headers().setAsJson());
    values.addValue(edit.headers().removed().toArray(String[]::new));
    return database
        .preparedQuery(EDIT.formatted(names.deadLetter(), column()))
        .execute(values)
        .<Void>mapEmpty()
        .recover(this::told);
  }

  private String column() {
    return type == PayloadType.BYTEA ? "$7::bytea" : "$7::text::" + type.sql();
  }

  private @Nullable Object payload(@Nullable Buffer bytes) throws CharacterCodingException {
    if (bytes == null || type == PayloadType.BYTEA) {
      return bytes;
    }
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.getBytes())).toString();
  }

  /**
   * Returns a failed future. An error of SQLSTATE class 22 means that the new payload does not fit
   * its column, so the future fails with a refusal that contains the server's message.
   */
  private Future<Void> told(Throwable failure) {
    if (failure instanceof PgException answer && answer.getSqlState().startsWith("22")) {
      String detail = answer.getDetail() == null ? "" : " (" + answer.getDetail() + ")";
      return refused(
          "the payload does not fit its column of type "
              + type.sql()
              + ": "
              + answer.getErrorMessage()
              + detail
              + "; nothing was changed");
    }
    return Future.failedFuture(failure);
  }

  private static <T> Future<T> refused(String sentence) {
    return Future.failedFuture(new OperationRefusedException(sentence));
  }
}
