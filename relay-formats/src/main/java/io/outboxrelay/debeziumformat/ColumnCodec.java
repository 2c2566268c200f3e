package io.outboxrelay.debeziumformat;

import io.outboxrelay.publish.ColumnType;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;

/**
 * The schema that Debezium gives a column, and the conversion of the column's values.
 *
 * @param schema the schema
 * @param decoder turns PostgreSQL's text form of a value that is not null into the value
 */
record ColumnCodec(Schema schema, Function<String, Object> decoder) {
  private static final Pattern TYPE =
      Pattern.compile("([a-z ]+?)(?:\\((\\d+)(?:,(-?\\d+))?\\))?( with.*)?");
  private static final int MILLI_DIGITS = 3;
  private static final int HEX_PREFIX = 2;
  private static final DateTimeFormatter TIMESTAMP =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral(' ')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .optionalStart()
          .appendPattern("x")
          .optionalEnd()
          .parseDefaulting(ChronoField.OFFSET_SECONDS, 0)
          .toFormatter();
  private static final DateTimeFormatter ZONED =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 6, 9, true)
          .appendLiteral('Z')
          .toFormatter();

  static ColumnCodec of(ColumnType type) {
    var parts = TYPE.matcher(type.sql());
    if (!parts.matches()) {
      throw new IllegalArgumentException("no schema is known for the type " + type.sql());
    }
    var codec = of(type.sql(), parts);
    return type.isNullable() ? codec : codec.required();
  }

  private ColumnCodec required() {
    var builder =
        schema.type() == Schema.Type.STRUCT
            ? SchemaBuilder.struct()
            : SchemaBuilder.type(schema.type());
    if (schema.name() != null) {
      builder.name(schema.name()).version(schema.version());
    }
    if (schema.doc() != null) {
      builder.doc(schema.doc());
    }
    if (schema.parameters() != null) {
      schema.parameters().forEach(builder::parameter);
    }
    if (schema.type() == Schema.Type.STRUCT) {
      schema.fields().forEach(field -> builder.field(field.name(), field.schema()));
    }
    return new ColumnCodec(builder.build(), decoder);
  }

  private static ColumnCodec of(String sql, Matcher parts) {
    String name = parts.group(1) + (parts.group(4) == null ? "" : parts.group(4));
    int modifier = parts.group(2) == null ? -1 : Integer.parseInt(parts.group(2));
    boolean isMilli = modifier >= 0 && modifier <= MILLI_DIGITS;
    return switch (name) {
      case "text", "character varying" -> plain(Schema.OPTIONAL_STRING_SCHEMA, text -> text);
      case "uuid" -> plain(named(SchemaBuilder.string(), "io.debezium.data.Uuid"), text -> text);
      case "json", "jsonb" ->
          plain(named(SchemaBuilder.string(), "io.debezium.data.Json"), text -> text);
      case "smallint" -> plain(Schema.OPTIONAL_INT16_SCHEMA, Short::valueOf);
      case "integer" -> plain(Schema.OPTIONAL_INT32_SCHEMA, Integer::valueOf);
      case "bigint" -> plain(Schema.OPTIONAL_INT64_SCHEMA, Long::valueOf);
      case "boolean" -> plain(Schema.OPTIONAL_BOOLEAN_SCHEMA, "true"::equals);
      case "real" -> plain(Schema.OPTIONAL_FLOAT32_SCHEMA, Float::valueOf);
      case "double precision" -> plain(Schema.OPTIONAL_FLOAT64_SCHEMA, Double::valueOf);
      case "numeric" -> modifier < 0 ? variableDecimal() : decimal(modifier, scale(parts));
      case "date" ->
          plain(
              named(SchemaBuilder.int32(), "io.debezium.time.Date"),
              text -> (int) LocalDate.parse(text).toEpochDay());
      case "time without time zone" -> isMilli ? milliTime() : microTime();
      case "timestamp without time zone" -> isMilli ? milliTimestamp() : microTimestamp();
      case "timestamp with time zone" ->
          plain(
              named(SchemaBuilder.string(), "io.debezium.time.ZonedTimestamp"),
              text -> ZONED.format(time(text).withOffsetSameInstant(ZoneOffset.UTC)));
      case "bytea" ->
          plain(
              Schema.OPTIONAL_BYTES_SCHEMA,
              text -> ByteBuffer.wrap(HexFormat.of().parseHex(text.substring(HEX_PREFIX))));
      default -> throw new IllegalArgumentException("no schema is known for the type " + sql);
    };
  }

  private static int scale(Matcher parts) {
    return parts.group(3) == null ? 0 : Integer.parseInt(parts.group(3));
  }

  private static ColumnCodec plain(Schema schema, Function<String, Object> decoder) {
    return new ColumnCodec(schema, decoder);
  }

  private static Schema named(SchemaBuilder builder, String name) {
    return builder.name(name).version(1).optional().build();
  }

  private static ColumnCodec decimal(int precision, int scale) {
    return plain(
        Decimal.builder(scale)
            .parameter("connect.decimal.precision", Integer.toString(precision))
            .optional()
            .build(),
        text -> new BigDecimal(text).setScale(scale));
  }

  private static ColumnCodec variableDecimal() {
    var schema =
        SchemaBuilder.struct()
            .name("io.debezium.data.VariableScaleDecimal")
            .version(1)
            .doc("Variable scaled decimal")
            .field("scale", Schema.INT32_SCHEMA)
            .field("value", Schema.BYTES_SCHEMA)
            .optional()
            .build();
    return plain(
        schema,
        text -> {
          var number = new BigDecimal(text);
          return new Struct(schema)
              .put("scale", number.scale())
              .put("value", number.unscaledValue().toByteArray());
        });
  }

  private static ColumnCodec milliTime() {
    return plain(
        named(SchemaBuilder.int32(), "io.debezium.time.Time"),
        text -> (int) (LocalTime.parse(text).toNanoOfDay() / 1_000_000));
  }

  private static ColumnCodec microTime() {
    return plain(
        named(SchemaBuilder.int64(), "io.debezium.time.MicroTime"),
        text -> LocalTime.parse(text).toNanoOfDay() / 1_000);
  }

  private static ColumnCodec milliTimestamp() {
    return plain(
        named(SchemaBuilder.int64(), "io.debezium.time.Timestamp"),
        text -> time(text).toInstant().toEpochMilli());
  }

  private static ColumnCodec microTimestamp() {
    return plain(
        named(SchemaBuilder.int64(), "io.debezium.time.MicroTimestamp"),
        text -> ChronoUnit.MICROS.between(java.time.Instant.EPOCH, time(text).toInstant()));
  }

  /** Parses a timestamp. If the text has no offset, the timestamp is in UTC. */
  static OffsetDateTime time(String text) {
    return TIMESTAMP.parse(text, OffsetDateTime::from);
  }
}
