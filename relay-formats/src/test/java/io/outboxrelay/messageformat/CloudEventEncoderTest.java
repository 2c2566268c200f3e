package io.outboxrelay.messageformat;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.settings.Settings;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CloudEventEncoderTest {
  private static final String JSON = "application/json";

  @Test
  void theColumnsAreAttributes() {
    var event = event(7, "order-42");

    var written = binary(Map.of(), event);

    assertThat(written.attributes())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "specversion", "1.0",
                "id", event.id().toString(),
                "source", "/order",
                "type", "OrderPlaced",
                "subject", "order-42",
                "time", "2024-02-29T12:34:56.130456Z",
                "datacontenttype", JSON));
    assertThat(written.body()).isEqualTo(event.payload());
  }

  @Test
  void structuredIsTheSameInOneJsonObject() throws IOException {
    var event = event(7, "order-42");

    var written = structured(Map.of(), event, JSON);

    assertThat(written.attributes())
        .containsOnly(Map.entry("content-type", "application/cloudevents+json"));
    assertThat(json(written))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"specversion": "1.0", "id": "%s", "source": "/order", "type": "OrderPlaced",
                     "subject": "order-42", "time": "2024-02-29T12:34:56.130456Z",
                     "datacontenttype": "application/json", "data": {"n": 7}}
                    """
                        .formatted(event.id())));
  }

  @Test
  void everyAttributeCanBeMapped() {
    var settings =
        Map.of(
            "id", "order-${seq}",
            "source", "https://example.com/${headers.tenant}",
            "type", "com.example.${event_type}",
            "subject", "",
            "time-header", "occurred",
            "data-content-type", "${headers.media}",
            "data-schema", "https://example.com/${event_type}.json",
            "extensions", Map.of("partitionkey", "${aggregate_id}", "tenant", "${headers.tenant}"));
    var headers =
        Map.of("tenant", "acme", "occurred", "2024-01-31T10:00:00+01:00", "media", "application/x");

    var written = binary(settings, event(7, "order-42", headers));

    assertThat(written.attributes())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "specversion", "1.0",
                "id", "order-7",
                "source", "https://example.com/acme",
                "type", "com.example.OrderPlaced",
                "time", "2024-01-31T10:00:00+01:00",
                "datacontenttype", "application/x",
                "dataschema", "https://example.com/OrderPlaced.json",
                "partitionkey", "order-42",
                "tenant", "acme"));
  }

  @Test
  void aHeaderThatTheEventLacksLeavesOutOptionalAttributes() {
    var settings =
        Map.of(
            "subject", "${headers.subject}",
            "time-header", "occurred",
            "data-content-type", "${headers.media}",
            "data-schema", "${headers.schema}",
            "extensions", Map.of("tenant", "${headers.tenant}"));

    assertThat(binary(settings, event(7, "order-42")).attributes())
        .containsOnlyKeys("specversion", "id", "source", "type", "time", "datacontenttype")
        .containsEntry("time", "2024-02-29T12:34:56.130456Z")
        .containsEntry("datacontenttype", JSON);
  }

  @Test
  void headersBecomeExtensionsIfTheirNamesAllowIt() {
    var encoder = encoder(Map.of("header-extensions", true));
    var event =
        event(
            1, "order-1", Map.of("tenant", "acme", "trace-id", "7", "type", "spoofed", "Up", "x"));

    var written = encoder.writeBinary(event, JSON, new WrittenCloudEvent.Writer());

    assertThat(written.attributes())
        .containsEntry("tenant", "acme")
        .containsEntry("type", "OrderPlaced")
        .doesNotContainKeys("trace-id", "Up");
    assertThat(encoder.isHeader("tenant")).isFalse();
    assertThat(encoder.isHeader("trace-id")).isTrue();
    assertThat(encoder.isHeader("type")).as("no extension can have this name").isTrue();
    assertThat(encoder(Map.of()).isHeader("tenant")).as("by default").isTrue();
  }

  @Test
  void aTombstoneHasNoData() throws IOException {
    var tombstone = event(1, "order-1", (Buffer) null);

    assertThat(binary(Map.of(), tombstone).body()).isNull();
    assertThat(binary(Map.of(), tombstone).attributes()).doesNotContainKey("datacontenttype");
    assertThat(json(structured(Map.of(), tombstone, JSON)).has("data")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "application/json; charset=utf-8, json",
    "application/vnd.example.order.v2+json, json",
    "APPLICATION/JSON, json",
    "text/plain; charset=utf-8, base64",
    "application/jsonlines, base64",
    "application/octet-stream, base64"
  })
  void theContentTypeDecidesHowStructuredHoldsThePayload(String contentType, String form)
      throws IOException {
    var event = event(7, "order-42");

    var json = json(structured(Map.of(), event, contentType));

    assertThat(json.get("datacontenttype").asText()).isEqualTo(contentType);
    if (form.equals("json")) {
      assertThat(json.get("data").get("n").asInt()).isEqualTo(7);
    } else {
      assertThat(Base64.getDecoder().decode(json.get("data_base64").asText()))
          .isEqualTo(bytes(event));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{", "{\"a\": 1", "1 2", "{} {}", "hello", "{\"a\": 1}}"})
  void aPayloadThatOnlyClaimsToBeJsonIsRejected(String payload) {
    var event = ofTextColumn(payload);

    assertThatThrownBy(() -> structured(Map.of(), event, JSON))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("its payload is no JSON")
        .hasMessageContaining("datacontenttype is application/json");
    assertThat(binary(Map.of(), event).body()).as("binary").isEqualTo(Buffer.buffer(payload));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[1, {\"a\": null}]", "\"text\"", "1.5e3", "null", " true "})
  void jsonOfATextColumnIsTakenAsItIs(String payload) throws IOException {
    assertThat(json(structured(Map.of(), ofTextColumn(payload), JSON)).get("data"))
        .isEqualTo(new ObjectMapper().readTree(payload));
  }

  @Test
  void charactersThatNoUriMayHaveAreEncoded() {
    var written = binary(Map.of(), event(1, "order items/ü", "1", null, Map.of()));

    assertThat(written.attributes()).containsEntry("source", "/order%20items/%C3%BC");
  }

  @Test
  void aRejectionNamesTheAttribute() {
    assertThatThrownBy(() -> binary(Map.of("source", "${headers.app}"), event(1, "order-1")))
        .isInstanceOf(Rejected.class)
        .hasMessage(
            "its CloudEvents attribute source is ${headers.app}, which names a header that the event"
                + " does not have");
    assertThatThrownBy(
            () -> binary(Map.of("source", "${headers.app}"), with(Map.of("app", "http://[x"))))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("attribute source is \"http://[x\", which is not a URI");
    assertThatThrownBy(() -> binary(Map.of("type", "${headers.t}"), with(Map.of("t", ""))))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("attribute type is empty (${headers.t})");
    assertThatThrownBy(() -> binary(Map.of("time-header", "t"), with(Map.of("t", "yesterday"))))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("attribute time is \"yesterday\" (the header t)");
    assertThatThrownBy(() -> binary(Map.of(), event(1, "order\n1")))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("attribute subject has the character U+000A");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 0x1f, 0x7f, 0x85, 0xd800, 0xdc00, 0xfdd0, 0xfffe, 0x1ffff})
  void someCharactersNoAttributeMayHave(int forbidden) {
    String id = "order-" + new String(Character.toChars(forbidden));

    assertThatThrownBy(() -> binary(Map.of(), event(1, id)))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("attribute subject has the character U+%04X", forbidden);
  }

  @Test
  void allOtherCharactersAreKept() {
    String id = "order ü 漢 \ud83d\ude00 \ufffd";

    assertThat(binary(Map.of(), event(1, id)).attributes()).containsEntry("subject", id);
  }

  @Test
  void theSourceOfOneEventIsNotThatOfAnother() {
    var encoder = encoder(Map.of());

    for (var type : new String[] {"order", "invoice", "invoice", "order"}) {
      var written =
          encoder.writeBinary(
              event(1, type, "1", null, Map.of()), JSON, new WrittenCloudEvent.Writer());
      assertThat(written.attributes()).containsEntry("source", "/" + type);
    }
  }

  private static OutboxEvent with(Map<String, String> headers) {
    return event(1, "order-1", headers);
  }

  private static OutboxEvent ofTextColumn(String payload) {
    return Events.ofTextColumn(1, "order-1", payload);
  }

  private static WrittenCloudEvent binary(Map<String, ?> settings, OutboxEvent event) {
    return encoder(settings).writeBinary(event, JSON, new WrittenCloudEvent.Writer());
  }

  private static WrittenCloudEvent structured(
      Map<String, ?> settings, OutboxEvent event, String contentType) {
    return encoder(settings).writeStructured(event, contentType, new WrittenCloudEvent.Writer());
  }

  private static CloudEventEncoder encoder(Map<String, ?> cloudEvents) {
    var all = new HashMap<String, Object>();
    all.put("format", "cloudevents-binary");
    all.put("cloudevents", cloudEvents);
    var settings = Settings.of("test", all);
    var formats = MessageFormats.from(settings);
    settings.verify();
    return formats.newEncoder().orElseThrow();
  }

  private static JsonNode json(WrittenCloudEvent written) throws IOException {
    return new ObjectMapper().readTree(Objects.requireNonNull(written.body()).getBytes());
  }

  private static byte[] bytes(OutboxEvent event) {
    return Objects.requireNonNull(event.payload()).getBytes();
  }
}
