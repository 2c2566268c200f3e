package io.outboxrelay.json;

import io.outboxrelay.deadletter.DeadLetterExport;
import io.outboxrelay.deadletter.StoredDeadLetter;
import io.outboxrelay.outbox.PayloadType;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The formats of exported dead letters: one JSON object per line, or CSV for spreadsheets. */
public enum DeadLetterExportFormat {
  jsonl {
    @Override
    public String begin() {
      return "";
    }

    @Override
    String line(JsonObject deadLetter) {
      return deadLetter.encode() + "\n";
    }
  },

  csv {
    @Override
    public String begin() {
      return String.join(",", COLUMNS) + "\r\n";
    }

    @Override
    String line(JsonObject deadLetter) {
      return COLUMNS.stream().map(name -> cell(deadLetter.getValue(name))).collect(joined())
          + "\r\n";
    }
  };

  private static final List<String> COLUMNS =
      List.of(
          "seq",
          "state",
          "aggregateType",
          "aggregateId",
          "eventType",
          "destination",
          "attempts",
          "time",
          "reason",
          "id",
          "createdAt",
          "deadLetteredAt",
          "headers",
          "headersIncomplete",
          "payload",
          "payloadFormat",
          "payloadBytes",
          "payloadIncomplete");

  /**
   * Returns the text at the beginning of the file, such as a header line; empty if the format has
   * none.
   */
  public abstract String begin();

  abstract String line(JsonObject deadLetter);

  /** Returns these dead letters as lines, each with its line end. */
  public String write(DeadLetterExport.Page page) {
    return page.deadLetters().stream()
        .map(deadLetter -> line(json(deadLetter)))
        .collect(Collectors.joining());
  }

  private static Collector<CharSequence, ?, String> joined() {
    return Collectors.joining(",");
  }

  private static JsonObject json(StoredDeadLetter deadLetter) {
    return DeadLetterJson.listed(deadLetter.listed())
        .put("id", deadLetter.id())
        .put("createdAt", JsonFormat.time(deadLetter.createdAt()))
        .put("deadLetteredAt", JsonFormat.time(deadLetter.deadLetteredAt()))
        .mergeIn(EventContentJson.of(deadLetter.content()));
  }

  /** Returns the event's own headers as JSON, or as their text if they are not valid JSON. */
  static @Nullable Object headers(@Nullable String headers) {
    try {
      return headers == null ? null : Json.decodeValue(headers);
    } catch (DecodeException e) {
      return headers;
    }
  }

  /**
   * Returns the payload as text. A payload of the type {@code bytea} is converted from hexadecimal
   * digits to base64.
   */
  static @Nullable String payload(@Nullable String payload, PayloadType type) {
    return payload == null || type != PayloadType.BYTEA
        ? payload
        : Base64.getEncoder().encodeToString(HexFormat.of().parseHex(payload.substring(2)));
  }

  static String format(PayloadType type) {
    return switch (type) {
      case JSON, JSONB -> "json";
      case TEXT -> "text";
      case BYTEA -> "base64";
    };
  }

  /**
   * Returns one cell of a CSV file, always in quotes. If a cell begins like a formula, spreadsheet
   * programs evaluate it even if it is in quotes. Such a cell therefore gets an apostrophe at its
   * beginning, which makes these programs show it as text.
   */
  static String cell(@Nullable Object value) {
    String text = value == null ? "" : value.toString();
    boolean isFormula =
        !(value instanceof Number)
            && Stream.of("=", "+", "-", "@", "\t", "\r", "\n").anyMatch(text::startsWith);
    return '"' + (isFormula ? "'" : "") + text.replace("\"", "\"\"") + '"';
  }
}
