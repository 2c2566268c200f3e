package io.outboxrelay.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Traced events get spans and headers; others get none. */
class TracedPublisherTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00f067aa0ba902b7";
  private static final String SAMPLED = "00-" + TRACE + "-" + PARENT + "-01";
  private static final String UNSAMPLED = "00-" + TRACE + "-" + PARENT + "-00";

  private static final int OFTEN = 100_000;
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final SdkTracerProvider provider =
      SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build();
  private final Script script = new Script();
  private final Publisher publisher = traced(0);

  /** A publisher with outcomes that the test sets; it records its calls. */
  private static final class Script implements Publisher {
    final List<OutboxEvent> published = new ArrayList<>();
    final List<Promise<Void>> answers = new ArrayList<>();
    final List<Long> setAside = new ArrayList<>();
    final List<OutboxEvent> warmedUp = new ArrayList<>();

    @Override
    public Future<Void> publish(OutboxEvent event) {
      published.add(event);
      Promise<Void> answer = Promise.promise();
      answers.add(answer);
      return answer.future();
    }

    @Override
    public void warmUp(OutboxEvent event) {
      warmedUp.add(event);
    }

    @Override
    public void setAside(OutboxEvent event, String reason, boolean rejected) {
      setAside.add(event.seq());
    }

    @Override
    public Future<Void> close() {
      answers.forEach(
          answer -> answer.tryFail(new PublishException.Retryable("it was closed", null)));
      return Future.succeededFuture();
    }
  }

  private Publisher traced(double ratio) {
    var spans =
        new SpanFactory(
            provider.get("test"), new EventSampler(ratio), "kafka", OutboxEvent::aggregateType);
    return new TracedPublisher(script, spans);
  }

  @AfterEach
  void shutDown() {
    provider.shutdown().join(10, TimeUnit.SECONDS);
  }

  @Test
  void aSampledEventHasASpanFromItsTimeToTheConfirm() {
    var event = event(7, Map.of("traceparent", SAMPLED));
    publisher.publish(event);
    assertThat(exporter.getFinishedSpanItems()).as("before the confirm").isEmpty();
    script.answers.get(0).complete();
    var span = theSpan();
    assertThat(nanos(event.createdAt())).isEqualTo(span.getStartEpochNanos());
    assertThat(span.getEndEpochNanos()).isGreaterThan(span.getStartEpochNanos());
    assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(span.getEvents()).extracting(EventData::getName).containsExactly("published");
  }

  @Test
  void theSpanIsAChildOfTheTransactionsSpan() {
    confirmed(event(7, Map.of("traceparent", SAMPLED)));
    assertThat(theSpan().getKind()).isEqualTo(SpanKind.PRODUCER);
    assertThat(theSpan().getTraceId()).isEqualTo(TRACE);
    assertThat(theSpan().getParentSpanId()).isEqualTo(PARENT);
  }

  @Test
  void theSpanIsNamedAfterTheDestinationAndDescribesTheMessage() {
    var event = event(7, Map.of("traceparent", SAMPLED));
    confirmed(event);
    var span = theSpan();
    assertThat(span.getName()).isEqualTo("publish order");
    assertThat(attribute(span, "messaging.system")).isEqualTo("kafka");
    assertThat(attribute(span, "messaging.operation.name")).isEqualTo("publish");
    assertThat(attribute(span, "messaging.operation.type")).isEqualTo("send");
    assertThat(attribute(span, "messaging.destination.name")).isEqualTo("order");
    assertThat(attribute(span, "messaging.message.id")).isEqualTo(event.id().toString());
    assertThat(attribute(span, "outbox.aggregate.id")).isEqualTo("order-7");
  }

  private void confirmed(OutboxEvent event) {
    publisher.publish(event);
    script.answers.get(0).complete();
  }

  @Test
  void theMessageCarriesTheSpanSoThatTheConsumersIsItsChild() {
    var event = event(7, Map.of("traceparent", SAMPLED, "tracestate", "shop=1", "tenant", "blue"));
    publisher.publish(event);
    script.answers.get(0).complete();
    assertThat(script.published.get(0).headers())
        .containsOnly(
            Map.entry("traceparent", "00-" + TRACE + "-" + theSpan().getSpanId() + "-01"),
            Map.entry("tracestate", "shop=1"),
            Map.entry("tenant", "blue"));
    assertThat(event.headers()).as("the event's own").containsEntry("traceparent", SAMPLED);
  }

  @Test
  void anEventThatIsNotSampledPassesUntouched() {
    var events =
        List.of(
            event(1, Map.of("traceparent", UNSAMPLED, "tracestate", "a=b")), event(2, Map.of()));
    events.forEach(publisher::publish);
    assertThat(script.published.get(0)).isSameAs(events.get(0));
    assertThat(script.published.get(1)).isSameAs(events.get(1));
    script.answers.forEach(Promise::complete);
    assertThat(exporter.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void anEventThatIsOnlyWarmedUpHasNoSpan() {
    var event = event(7, Map.of("traceparent", SAMPLED));
    publisher.warmUp(event);
    publisher.close();
    assertThat(script.warmedUp).containsExactly(event);
    assertThat(exporter.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void anEventThatIsNotTracedCostsNoMemory() {
    Future<Void> confirmed = Future.succeededFuture();
    var spans =
        new SpanFactory(
            provider.get("test"), new EventSampler(1e-9), "kafka", OutboxEvent::aggregateType);
    Publisher confirming =
        new TracedPublisher(
            new Publisher() {
              @Override
              public Future<Void> publish(OutboxEvent event) {
                return confirmed;
              }

              @Override
              public Future<Void> close() {
                return confirmed;
              }
            },
            spans);
    var events =
        List.of(
            event(1, Map.of("traceparent", UNSAMPLED)),
            event(2, new UUID(1, 2), Map.of("tenant", "blue"), Instant.EPOCH));
    publishOften(confirming, events);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    publishOften(confirming, events);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
        .as("bytes for %,d events", 2 * OFTEN)
        .isLessThan(OFTEN);
  }

  private static void publishOften(Publisher publisher, List<OutboxEvent> events) {
    for (int i = 0; i < OFTEN; i++) {
      publisher.publish(events.get(0));
      publisher.publish(events.get(1));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "none",
        "00-" + TRACE + "-" + PARENT,
        "00-" + TRACE + "-" + PARENT + "-0x",
        "00-00000000000000000000000000000000-" + PARENT + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "ff-" + TRACE + "-" + PARENT + "-01",
        "00-" + TRACE + "-" + PARENT + "-01-more",
        "00_" + TRACE + "-" + PARENT + "-01\n",
        "a header\u0000with\nline ends, and longer than any that there is, which goes on and on and on"
      })
  void aMalformedTraceparentIsPassedOnUntouched(String malformed) {
    var event = event(1, Map.of("traceparent", malformed));
    traced(1).publish(event);
    assertThat(script.published.get(0)).isSameAs(event);
    script.answers.get(0).complete();
    assertThat(exporter.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void aLaterVersionOfTheHeaderIsReadAsFarAsItIsKnown() {
    publisher.publish(event(1, Map.of("traceparent", "01-" + TRACE + "-" + PARENT + "-01-more")));
    script.answers.get(0).complete();
    assertThat(theSpan().getParentSpanId()).isEqualTo(PARENT);
  }

  @Test
  void retriesBelongToOneSpanAndCarryTheSameHeaders() {
    var event = event(7, Map.of("traceparent", SAMPLED));
    publisher.publish(event);
    script.answers.get(0).fail(new PublishException.Retryable("the broker is away", null));
    publisher.publish(event);
    script.answers.get(1).complete();
    assertThat(theSpan().getEvents())
        .extracting(EventData::getName)
        .containsExactly("published", "retried", "published");
    assertThat(reason(theSpan().getEvents().get(1))).isEqualTo("the broker is away");
    assertThat(theSpan().getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(script.published.get(1)).isEqualTo(script.published.get(0));
  }

  @Test
  void aRejectedEventsSpanIsAnErrorAndEndsInTheDeadLetters() {
    var event = event(7, Map.of("traceparent", SAMPLED));
    publisher.publish(event);
    script.answers.get(0).fail(new PublishException.Rejected("it is too large", null));
    assertThat(exporter.getFinishedSpanItems()).isEmpty();
    publisher.setAside(event, "it is too large", true);
    assertThat(theSpan().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(theSpan().getStatus().getDescription()).isEqualTo("it is too large");
    assertThat(theSpan().getEvents())
        .extracting(EventData::getName)
        .startsWith("published", "rejected")
        .endsWith("parked");
    assertThat(script.setAside).containsExactly(7L);
  }

  @Test
  void anEventBehindAParkedOneHasASpanThatSaysWhyItIsNotThere() {
    publisher.setAside(event(8, Map.of("traceparent", SAMPLED)), "waits behind another", false);
    assertThat(theSpan().getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(theSpan().getEvents()).extracting(EventData::getName).containsExactly("parked");
    assertThat(reason(theSpan().getEvents().get(0))).isEqualTo("waits behind another");
  }

  @Test
  void aPublisherThatThrowsIsNoDifferent() {
    Publisher throwing =
        new TracedPublisher(
            new Publisher() {
              @Override
              public Future<Void> publish(OutboxEvent event) {
                throw new PublishException.Rejected("no topic", null);
              }

              @Override
              public Future<Void> close() {
                return Future.succeededFuture();
              }
            },
            new SpanFactory(
                provider.get("test"),
                new EventSampler(0),
                "kafka",
                event -> {
                  throw new PublishException.Rejected("no topic", null);
                }));
    var event = event(7, Map.of("traceparent", SAMPLED));
    assertThatThrownBy(() -> throwing.publish(event)).hasMessage("no topic");
    throwing.setAside(event, "no topic", true);
    assertThat(theSpan().getName()).isEqualTo("publish");
    assertThat(theSpan().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
  }

  @Test
  void spansUnderWayAtTheEndAreInterrupted() {
    publisher.publish(event(1, Map.of("traceparent", SAMPLED)));
    publisher.publish(event(2, Map.of("traceparent", SAMPLED)));
    script.answers.get(0).fail(new PublishException.Retryable("the broker is away", null));
    publisher.close();
    assertThat(exporter.getFinishedSpanItems())
        .hasSize(2)
        .allSatisfy(
            span ->
                assertThat(span.getEvents())
                    .extracting(EventData::getName)
                    .containsExactly("published", "retried", "interrupted"));
  }

  @Test
  void aDatabasesClockThatIsAheadMakesNoSpanThatEndsBeforeItBegins() {
    var ahead = Instant.parse("2999-01-01T00:00:00Z");
    publisher.publish(event(1, UUID.randomUUID(), Map.of("traceparent", SAMPLED), ahead));
    script.answers.get(0).complete();
    assertThat(theSpan().getEndEpochNanos()).isEqualTo(theSpan().getStartEpochNanos());
  }

  @Test
  void aShareOfTheEventsWithoutATraceBeginsOneAndAlwaysTheSameEvents() {
    var events =
        LongStream.range(0, 10_000)
            .mapToObj(n -> event(n, new UUID(0, n), Map.of(), Instant.EPOCH))
            .toList();
    var first = traced(0.1);
    events.forEach(first::publish);
    var chosen = traceCarrying(script.published);
    assertThat(chosen).hasSizeBetween(800, 1_200);
    script.published.clear();
    var second = traced(0.1);
    events.forEach(second::publish);
    assertThat(traceCarrying(script.published)).isEqualTo(chosen);
  }

  private static List<Long> traceCarrying(List<OutboxEvent> events) {
    return events.stream()
        .filter(event -> event.headers().containsKey("traceparent"))
        .map(OutboxEvent::seq)
        .toList();
  }

  private SpanData theSpan() {
    assertThat(exporter.getFinishedSpanItems()).hasSize(1);
    return exporter.getFinishedSpanItems().get(0);
  }

  private static String attribute(SpanData span, String name) {
    return String.valueOf(span.getAttributes().get(AttributeKey.stringKey(name)));
  }

  private static String reason(EventData event) {
    return String.valueOf(event.getAttributes().get(AttributeKey.stringKey("reason")));
  }

  private static long nanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }

  private static OutboxEvent event(long seq, Map<String, String> headers) {
    return Events.event(seq, "order-" + seq, headers);
  }

  private static OutboxEvent event(
      long seq, UUID id, Map<String, String> headers, Instant createdAt) {
    return OutboxEvent.builder(seq, id)
        .aggregate("order", "order-" + seq)
        .type("made")
        .payload(Buffer.buffer("{}"), "application/json")
        .headers(headers)
        .createdAt(createdAt)
        .build();
  }
}
