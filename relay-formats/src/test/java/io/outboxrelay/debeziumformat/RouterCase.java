package io.outboxrelay.debeziumformat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A table with rows, and a configuration of Debezium's outbox event router.
 *
 * <p>Each row has the aggregate type, or whatever the router routes by, that ends with the name of
 * the case, so that the topics of two cases differ.
 *
 * @param table the columns, in SQL
 * @param rows the values of each row, in SQL
 * @param options the router's options
 * @param formats the options of {@code debezium.format}
 */
record RouterCase(
    String name,
    String table,
    List<String> rows,
    Map<String, String> options,
    Map<String, String> formats) {
  /** The table that Debezium's documentation shows. */
  private static final String STANDARD =
      """
      id uuid not null primary key, aggregatetype varchar(255) not null,
      aggregateid varchar(255) not null, type varchar(255) not null, payload jsonb""";

  /** Every type that a further column may have. */
  private static final String FURTHER =
      STANDARD
          + """
          , tenant text, code varchar(10) not null, small smallint, slot integer not null,
          big bigint, flag boolean, ratio double precision, share real, price numeric(10, 2),
          amount numeric, day date, at_time time, happened timestamp, at_milli timestamp(3),
          noted timestamptz, doc jsonb, plain json, raw bytea, ref uuid""";

  private static final String FURTHER_FULL =
      "'jané \"x\" \\', 'c1', 7, 1, 9007199254740993, true, 1.5, 0.25, 12.30, 1234567.891,"
          + " '2024-02-29', '12:34:56.789012', '2024-02-29 12:34:56.789012',"
          + " '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789+02', '{\"b\": [1, null]}',"
          + " '{ \"b\":1 }', '\\x00ff41', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'";

  private static final String FURTHER_EXTREME =
      "'', '', -32768, 2, -9223372036854775808, false, 1e300, 1e-10, -99999999.99, 0.0001,"
          + " '1969-12-31', '00:00:00', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.999',"
          + " '1600-01-01 00:00:00+00', 'null', 'null', '', '00000000-0000-0000-0000-000000000000'";

  private static final String FURTHER_NULL =
      "null, 'c3', null, 0, null, null, null, null, null, null, null, null, null, null, null,"
          + " null, null, null, null";

  private static final String ALL_HEADERS =
      "type:header:eventType,tenant:header,code:header,small:header,slot:header,big:header,"
          + "flag:header,ratio:header,share:header,price:header,amount:header,day:header,"
          + "at_time:header,happened:header,at_milli:header,noted:header,doc:header,"
          + "plain:header,raw:header,ref:header";

  private static final Map<String, String> WITH_SCHEMAS = Map.of();
  private static final Map<String, String> WITHOUT_SCHEMAS =
      Map.of(
          "debezium.format.key.schemas.enable", "false",
          "debezium.format.value.schemas.enable", "false",
          "debezium.format.header.schemas.enable", "false");
  private static final Map<String, String> STRINGS =
      Map.of(
          "debezium.format.key", "simplestring",
          "debezium.format.value", "simplestring",
          "debezium.format.header.schemas.enable", "false");
  private static final Map<String, String> BINARY =
      Map.of(
          "debezium.format.key", "simplestring",
          "debezium.format.value", "binary",
          "debezium.format.header.schemas.enable", "false");

  private static final List<String> DOCUMENTS =
      List.of(
          "{\"a\": 1, \"b\": \"two\", \"c\": true, \"d\": 1.5}",
          "{\"big\": 9007199254740993, \"negative\": -3000000000, \"exponent\": 1e3}",
          "{\"n\": null, \"o\": {\"n\": null, \"x\": 1}, \"last\": 2}",
          "{\"empty\": [], \"o\": {\"empty\": [], \"x\": \"y\"}}",
          "{\"numbers\": [1, 2, 3], \"texts\": [\"a\", null, \"c\"], \"flags\": [true]}",
          "{\"lines\": [{\"sku\": \"a\", \"qty\": 1}, {\"sku\": \"b\", \"qty\": 2}]}",
          "{\"nested\": {\"deep\": {\"deeper\": {\"x\": \"é\"}}}, \"odd name.x\": 1}",
          "{\"mixed\": [1, \"two\"]}",
          "{\"widths\": [1, 9007199254740993]}",
          "{\"nulls\": [null, null]}",
          "{\"matrix\": [[1, 2], [3]]}",
          "{\"lines\": [{\"sku\": null}, {\"sku\": \"b\"}]}",
          "{}",
          "{ \"spaced\" :  \"out\" }",
          "not JSON",
          "\"a text\"",
          "12",
          "{broken");

  /** Returns all cases. */
  static List<RouterCase> all() {
    var cases = new ArrayList<RouterCase>();
    cases.add(new RouterCase("defaults", STANDARD, payloads("jsonb"), Map.of(), WITH_SCHEMAS));
    cases.add(new RouterCase("noschemas", STANDARD, payloads("jsonb"), Map.of(), WITHOUT_SCHEMAS));
    cases.add(new RouterCase("strings", STANDARD, payloads("jsonb"), Map.of(), STRINGS));
    cases.add(
        new RouterCase(
            "json", with("payload json not null"), payloads("json"), Map.of(), WITH_SCHEMAS));
    further(cases);
    empty(cases);
    expanded(cases);
    named(cases);
    bytes(cases);
    return cases;
  }

  private static void further(List<RouterCase> cases) {
    var headers = Map.of("table.fields.additional.placement", ALL_HEADERS);
    var envelope =
        Map.of(
            "table.fields.additional.placement",
            ALL_HEADERS.replace(":header", ":envelope") + ",slot:partition");
    var both =
        Map.of(
            "table.fields.additional.placement",
            "type:envelope:eventType, tenant:header , slot:envelope,doc:envelope,slot:header:s");
    cases.add(new RouterCase("headers", FURTHER, furtherRows(), headers, WITH_SCHEMAS));
    cases.add(new RouterCase("headersplain", FURTHER, furtherRows(), headers, WITHOUT_SCHEMAS));
    cases.add(new RouterCase("envelope", FURTHER, furtherRows(), envelope, WITH_SCHEMAS));
    cases.add(new RouterCase("envelopeplain", FURTHER, furtherRows(), envelope, WITHOUT_SCHEMAS));
    cases.add(new RouterCase("both", FURTHER, furtherRows(), both, STRINGS));
    cases.add(
        new RouterCase(
            "missing",
            FURTHER,
            furtherRows(),
            Map.of(
                "table.fields.additional.placement",
                "type:envelope,absent:envelope,gone:header,tenant:header",
                "table.field.additional.missing",
                "ignore"),
            WITH_SCHEMAS));
    cases.add(
        new RouterCase(
            "tracing",
            STANDARD + ", tracingspancontext varchar(256)",
            List.of(
                "'order', 'a', 'created', '{}',"
                    + " 'traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'",
                "'order', 'a', 'created', '{}', null"),
            Map.of("tracing.operation.name", "relay"),
            WITHOUT_SCHEMAS));
  }

  private static void empty(List<RouterCase> cases) {
    var rows =
        List.of(
            "'order', 'a', 'created', null",
            "'order', 'a', 'created', ''",
            "'order', 'a', 'created', '  '",
            "'order', 'a', 'created', 'x'");
    String table = with("payload text");
    var tombstones = Map.of("route.tombstone.on.empty.payload", "true");
    cases.add(new RouterCase("empty", table, rows, Map.of(), WITH_SCHEMAS));
    cases.add(new RouterCase("emptyplain", table, rows, Map.of(), WITHOUT_SCHEMAS));
    cases.add(new RouterCase("emptystrings", table, rows, Map.of(), STRINGS));
    cases.add(new RouterCase("tombstones", table, rows, tombstones, WITH_SCHEMAS));
    cases.add(
        new RouterCase(
            "tombstonesinenvelope",
            table,
            rows,
            Map.of(
                "route.tombstone.on.empty.payload",
                "true",
                "table.fields.additional.placement",
                "type:envelope"),
            WITHOUT_SCHEMAS));
    cases.add(
        new RouterCase(
            "emptyinenvelope",
            table,
            rows,
            Map.of("table.fields.additional.placement", "type:envelope"),
            WITH_SCHEMAS));
  }

  private static void expanded(List<RouterCase> cases) {
    var rows = DOCUMENTS.stream().map(text -> "'order', 'a', 'created', '" + text + "'").toList();
    var valid =
        DOCUMENTS.stream()
            .filter(text -> text.startsWith("{") && !text.contains("broken"))
            .map(text -> "'order', 'a', 'created', '" + text + "'")
            .toList();
    var expand = Map.of("table.expand.json.payload", "true");
    var keepAll =
        Map.of(
            "table.expand.json.payload", "true",
            "table.json.payload.null.behavior", "optional_bytes");
    var inEnvelope = new TreeMap<>(keepAll);
    inEnvelope.put("table.fields.additional.placement", "type:envelope");
    cases.add(new RouterCase("expanded", with("payload text"), rows, expand, WITHOUT_SCHEMAS));
    cases.add(new RouterCase("expandedschemas", with("payload text"), rows, expand, WITH_SCHEMAS));
    cases.add(new RouterCase("expandedstrings", with("payload text"), rows, expand, STRINGS));
    cases.add(new RouterCase("expandedjsonb", STANDARD, valid, expand, WITH_SCHEMAS));
    cases.add(new RouterCase("keepall", with("payload text"), rows, keepAll, WITHOUT_SCHEMAS));
    cases.add(new RouterCase("keepallschemas", with("payload text"), rows, keepAll, WITH_SCHEMAS));
    cases.add(new RouterCase("keepallinenvelope", STANDARD, valid, inEnvelope, WITHOUT_SCHEMAS));
  }

  private static void named(List<RouterCase> cases) {
    String table =
        """
        event_no bigint not null primary key, kind text not null, target text not null,
        customer integer, body jsonb not null, version integer not null, written timestamp,
        slot integer""";
    var options = new TreeMap<String, String>();
    options.put("table.field.event.id", "event_no");
    options.put("table.field.event.key", "customer");
    options.put("table.field.event.type", "kind");
    options.put("table.field.event.payload", "body");
    options.put("table.field.event.timestamp", "written");
    options.put("table.field.event.schema.version", "version");
    options.put("table.fields.additional.placement", "kind:envelope,slot:partition,target:header");
    options.put("route.by.field", "target");
    options.put("route.topic.regex", "(.*)-events-(.*)");
    options.put("route.topic.replacement", "$2.of.$1");
    var rows =
        List.of(
            "'created', 'order-events', 7, '{\"a\": 1}', 1, '2024-02-29 12:34:56.789012', 0",
            "'created', 'order-events', 8, '{\"a\": 2}', 1, null, 1",
            "'paid', 'unmatched', 8, '{\"a\": 3}', 2, '2024-02-29 12:34:56', null",
            "'paid', 'order-events', null, '{\"a\": 4}', 1, '2024-02-29 12:34:56', null");
    cases.add(new RouterCase("named", table, rows, options, WITH_SCHEMAS));
    cases.add(new RouterCase("namedplain", table, rows, options, WITHOUT_SCHEMAS));
    cases.add(new RouterCase("namedstrings", table, rows, options, STRINGS));
    cases.add(
        new RouterCase(
            "textid",
            """
            id text not null primary key, aggregatetype text not null, aggregateid uuid,
            type text not null, payload text""",
            List.of(
                "'order', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'created', 'x'",
                "'order', null, 'created', 'y'"),
            Map.of(),
            WITH_SCHEMAS));
  }

  private static void bytes(List<RouterCase> cases) {
    var rows =
        List.of(
            "'order', 'a', 'created', '\\x00ff41'",
            "'order', 'a', 'created', ''",
            "'order', 'a', 'created', null");
    String table = with("payload bytea");
    cases.add(new RouterCase("bytes", table, rows, Map.of(), WITH_SCHEMAS));
    cases.add(new RouterCase("bytesplain", table, rows, Map.of(), WITHOUT_SCHEMAS));
    cases.add(new RouterCase("binary", table, rows, Map.of(), BINARY));
  }

  private static String with(String payload) {
    return STANDARD.replace("payload jsonb", payload);
  }

  private static List<String> payloads(String type) {
    return List.of(
        "'order', 'a', 'created', '{\"a\": 1, \"b\": \"é \\\"q\\\" \\\\ / \\u0001 \\u2028\"}'",
        "'order', 'a \"b\" é/\\', 'created', '{ \"z\":1,  \"a\":[1, 2] }'",
        "'order', 'b', 'paid', '[]'",
        "'order', 'b', 'paid', '\"text\"'",
        "'order', 'b', 'paid', 'null'",
        "'order', 'b', 'paid', " + (type.equals("json") ? "'  7 '" : "null"));
  }

  private static List<String> furtherRows() {
    return List.of(
        "'order', 'a', 'created', '{\"a\": 1}', " + FURTHER_FULL,
        "'order', 'a', 'paid', '{\"a\": 2}', " + FURTHER_EXTREME,
        "'order', 'b', 'paid', '{\"a\": 3}', " + FURTHER_NULL);
  }

  /** Returns the statement that inserts a row. */
  String insert(int row) {
    String id =
        table.startsWith("event_no")
            ? Integer.toString(row + 1)
            : "'00000000-0000-4000-8000-0000000000%02d'".formatted(row);
    return "insert into outboxevent values ("
        + id
        + ", "
        + rows.get(row)
            .replace("'order'", "'order-" + name + "'")
            .replace("'order-events'", "'order-events-" + name + "'")
            .replace("'unmatched'", "'unmatched-" + name + "'")
        + ")";
  }

  @Override
  public String toString() {
    return name;
  }

  /** Returns the properties of Debezium Server for this case, without those of its servers. */
  Map<String, String> properties() {
    var all = new TreeMap<String, String>(formats);
    all.put("debezium.sink.type", "kafka");
    all.put(
        "debezium.source.connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    all.put("debezium.source.table.include.list", "public.outboxevent");
    all.put("debezium.source.topic.prefix", "shop");
    all.put("debezium.transforms", "outbox");
    all.put("debezium.transforms.outbox.type", "io.debezium.transforms.outbox.EventRouter");
    options.forEach((option, value) -> all.put("debezium.transforms.outbox." + option, value));
    return all;
  }
}
