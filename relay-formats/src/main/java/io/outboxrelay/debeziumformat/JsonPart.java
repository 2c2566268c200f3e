package io.outboxrelay.debeziumformat;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.json.JsonConverter;
import org.jspecify.annotations.Nullable;

/**
 * Writes JSON with Connect's converter. Nearly all keys and payloads are texts. For speed, a text
 * is not converted: the converter writes an empty text of the same schema once, and each text is
 * put into that result.
 *
 * <p>For one thread.
 */
final class JsonPart implements PartConverter {
  /**
   * The argument that turns off Blackbird in the converter. Blackbird speeds up the access to
   * properties of beans, but the converter writes trees.
   */
  private static final boolean WITHOUT_BLACKBIRD = false;

  private static final int MOST_SCHEMAS = 100;
  private static final byte QUOTE = '"';

  private final JsonConverter json = new JsonConverter(WITHOUT_BLACKBIRD);
  private final JsonStringEncoder encoder = JsonStringEncoder.getInstance();
  private final IdentityHashMap<Schema, Frame> frames = new IdentityHashMap<>();

  /**
   * The bytes that the converter writes before and after a text; they include the quotation marks
   * around the text.
   */
  private record Frame(Buffer before, Buffer after) {
    static Frame around(byte[] emptyText) {
      int end = emptyText.length;
      while (emptyText[end - 1] != QUOTE) {
        end--;
      }
      return new Frame(
          Buffer.buffer(Arrays.copyOf(emptyText, end - 1)),
          Buffer.buffer(Arrays.copyOfRange(emptyText, end - 1, emptyText.length)));
    }
  }

  JsonPart(boolean withSchemas, String type) {
    json.configure(
        Map.of(
            "schemas.enable",
            withSchemas,
            "converter.type",
            type,
            "schemas.cache.size",
            MOST_SCHEMAS));
  }

  @Override
  public @Nullable Buffer write(@Nullable Schema schema, @Nullable Object value) {
    if (schema != null && value instanceof String text && !hasSurrogates(text)) {
      var frame = frame(schema);
      byte[] quoted = encoder.quoteAsUTF8(text);
      return Buffer.buffer(frame.before.length() + quoted.length + frame.after.length())
          .appendBuffer(frame.before)
          .appendBytes(quoted)
          .appendBuffer(frame.after);
    }
    byte[] bytes = json.fromConnectData("", schema, value);
    return bytes == null ? null : Buffer.buffer(bytes);
  }

  /**
   * Returns true if the text has characters that the converter writes as two escapes, while the
   * encoder of this class writes them in UTF-8.
   */
  private static boolean hasSurrogates(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  private Frame frame(Schema schema) {
    var known = frames.get(schema);
    if (known == null) {
      if (frames.size() >= MOST_SCHEMAS) {
        frames.clear();
      }
      known = Frame.around(json.fromConnectData("", schema, ""));
      frames.put(schema, known);
    }
    return known;
  }
}
