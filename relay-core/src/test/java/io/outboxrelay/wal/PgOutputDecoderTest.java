package io.outboxrelay.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.outbox.OutboxColumn;
import io.outboxrelay.outbox.OutboxColumns;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The messages of pgoutput, as a server sends them. */
class PgOutputDecoderTest {
  private static final int OUTBOX = 16390;
  private static final List<String> COLUMNS =
      List.of(
          "xid",
          "seq",
          "id",
          "aggregate_type",
          "aggregate_id",
          "event_type",
          "payload",
          "headers",
          "created_at");
  private static final List<String> VALUES =
      List.of(
          "4294967301",
          "17",
          "5e2c9ac4-4ac3-4b7f-8c6e-1d6f3f4a0b11",
          "order",
          "o-ä",
          "created",
          "{\"a\": 1}",
          "{}",
          "2026-11-29 01:02:03.456789+00");

  private final List<String> heard = new ArrayList<>();
  private final PgOutputDecoder decoder =
      new PgOutputDecoder(OUTBOX, OutboxColumns.own(), new Listener());

  private final class Listener implements ChangeListener {
    @Override
    public void begin(int lowXid) {
      heard.add("begin " + lowXid);
    }

    @Override
    public void insert(InsertedRow row) {
      heard.add(
          row.number(OutboxColumn.XID)
              + " "
              + row.number(OutboxColumn.SEQ)
              + " "
              + row.text(OutboxColumn.AGGREGATE_ID)
              + " "
              + row.text(OutboxColumn.PAYLOAD));
    }

    @Override
    public void delete(InsertedRow row) {
      heard.add("delete " + row.number(OutboxColumn.SEQ) + " " + row.text(OutboxColumn.ID));
    }

    @Override
    public void commit(long end) {
      heard.add("commit " + LogPosition.format(end));
    }
  }

  /** The bytes are the begin of transaction 747 and its commit, in hexadecimal digits. */
  @Test
  void beginAndCommit() throws InterruptedException {
    decode(HexFormat.of().parseHex("42000000000195f0b00002f1e2d3c4b5a6000002eb"));
    decode(HexFormat.of().parseHex("4300000000000195f0b0000000000195f0e00002f1e2d3c4b5a6"));

    assertThat(heard).containsExactly("begin 747", "commit 0/195F0E0");
  }

  @Test
  void aRowOfTheOutbox() throws InterruptedException {
    decode(relation(OUTBOX, COLUMNS));
    decode(insert(OUTBOX, VALUES));

    assertThat(heard).containsExactly("4294967301 17 o-ä {\"a\": 1}");
  }

  /** A server with the default replica identity sends the primary key only. */
  @Test
  void aDeletedRowOfTheOutbox() throws InterruptedException {
    decode(relation(OUTBOX, COLUMNS));
    decode(
        HexFormat.of().parseHex("44%08x4b00096e74000000023137".formatted(OUTBOX) + "6e".repeat(7)));
    decode(HexFormat.of().parseHex("44%08x4b00016e".formatted(OUTBOX + 1)));

    assertThat(heard).containsExactly("delete 17 null");
  }

  @Test
  void columnsThatWereAddedDroppedAndReordered() throws InterruptedException {
    decode(relation(OUTBOX, COLUMNS));
    decode(insert(OUTBOX, VALUES));
    var columns = new ArrayList<>(COLUMNS);
    var values = new ArrayList<>(VALUES);
    columns.add(0, columns.remove(4));
    values.add(0, values.remove(4));
    columns.add(2, "tenant");
    values.add(2, "blue");
    decode(relation(OUTBOX, columns));
    decode(insert(OUTBOX, values));

    assertThat(heard).hasSize(2);
    assertThat(heard.get(1)).isEqualTo(heard.get(0));
  }

  @Test
  void aColumnThatIsMissing() {
    var columns = new ArrayList<>(COLUMNS);
    columns.remove("payload");
    columns.set(columns.indexOf("headers"), "hdrs");

    assertThatThrownBy(() -> decode(relation(OUTBOX, columns)))
        .isInstanceOf(LogFailure.class)
        .hasMessageContaining("without the column headers, payload");
  }

  @Test
  void nullIsNoText() throws InterruptedException {
    var values = new ArrayList<>(VALUES);
    values.set(6, null);
    decode(relation(OUTBOX, COLUMNS));
    decode(insert(OUTBOX, values));

    assertThat(heard).containsExactly("4294967301 17 o-ä null");
  }

  @Test
  void otherTablesAndOtherMessagesAreIgnored() throws InterruptedException {
    decode(relation(OUTBOX, COLUMNS));
    decode(relation(99, List.of("x")));
    decode(insert(99, List.of("1")));
    for (char kind : "UTOYM".toCharArray()) {
      decode(new byte[] {(byte) kind, 0, 0, 0});
    }

    assertThat(heard).isEmpty();
  }

  @Test
  void aMessageThatIsNotKnown() {
    assertThatThrownBy(() -> decode(new byte[] {'S'}))
        .isInstanceOf(LogFailure.class)
        .hasMessageContaining("of the kind S");
  }

  @Test
  void aRowBeforeItsColumns() {
    assertThatThrownBy(() -> decode(insert(OUTBOX, VALUES)))
        .isInstanceOf(LogFailure.class)
        .hasMessageContaining("before its columns");
  }

  /** The stream's messages begin with a header of the replication protocol. */
  private void decode(byte[] message) throws InterruptedException {
    byte[] framed = new byte[25 + message.length];
    System.arraycopy(message, 0, framed, 25, message.length);
    decoder.decode(framed, 25);
  }

  private static byte[] relation(int oid, List<String> columns) {
    var out = new ByteArrayOutputStream();
    out.write('R');
    write(out, ByteBuffer.allocate(4).putInt(oid));
    text(out, "public");
    text(out, "outbox");
    out.write('d');
    write(out, ByteBuffer.allocate(2).putShort((short) columns.size()));
    for (var column : columns) {
      out.write(0);
      text(out, column);
      write(out, ByteBuffer.allocate(8).putInt(25).putInt(-1));
    }
    return out.toByteArray();
  }

  private static byte[] insert(int oid, List<String> values) {
    var out = new ByteArrayOutputStream();
    out.write('I');
    write(out, ByteBuffer.allocate(4).putInt(oid));
    out.write('N');
    write(out, ByteBuffer.allocate(2).putShort((short) values.size()));
    for (var value : values) {
      if (value == null) {
        out.write('n');
      } else {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.write('t');
        write(out, ByteBuffer.allocate(4).putInt(bytes.length));
        out.writeBytes(bytes);
      }
    }
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, ByteBuffer bytes) {
    bytes.rewind();
    while (bytes.hasRemaining()) {
      out.write(bytes.get());
    }
  }

  private static void text(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    out.write(0);
  }
}
