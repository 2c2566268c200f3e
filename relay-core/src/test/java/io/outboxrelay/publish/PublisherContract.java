package io.outboxrelay.publish;

import static io.outboxrelay.publish.Events.event;
import static java.util.concurrent.TimeUnit.SECONDS;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.metrics.DeliveryLog;
import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * The contract of every publisher. To test a broker module, extend it with a real broker.
 *
 * <p>A publisher reconnects by itself after an outage, because the relay publishes again on the
 * publisher that it has, and connects a new one only after its own restart.
 */
public abstract class PublisherContract extends PublisherFixture {
  /** Returns the features of this broker; the tests of other features are reported as skipped. */
  protected abstract Set<Feature> features();

  /** Returns the settings that make the event header {@code name} the destination. */
  protected Map<String, Object> headerSetting(String name) {
    throw new UnsupportedOperationException("declare no DESTINATION_HEADER, or override this");
  }

  /** Returns the settings that replace the address of the broker by another one. */
  protected abstract Map<String, Object> addressSetting(String host, int port);

  /** Returns valid settings that hold {@code secret} in every place for a password. */
  protected abstract Map<String, Object> secretSettings(String secret);

  /** Returns a new destination that survives a kill of the broker directly after its creation. */
  protected String lastingDestination() {
    return broker().newDestination();
  }

  /** Returns a number of payload bytes that exceeds the limit of the settings or of the server. */
  protected int tooLarge() {
    throw new UnsupportedOperationException("declare no SIZE_LIMIT, or override this");
  }

  @Test
  void eventsOfOneAggregateArriveInTheOrderTheyWerePublished() {
    String destination = broker().newDestination();
    var events = Events.interleaved(10_000, 40);

    var outcome = publishLikeTheRelay(connect(destinationSetting(destination)), events);

    assertThat(outcome.confirmed()).containsExactlyInAnyOrderElementsOf(events);
    var arrived = consume(destination, events.size());
    assertThat(arrived).as("nothing was published twice").hasSameSizeAs(events);
    assertThat(sequences(arrived)).isEqualTo(sequencesOf(events));
  }

  @Test
  void itIsToldWhereEachConfirmedEventIsStored() {
    assumeTrue(features().contains(Feature.RECEIPTS), "it is not told where events are stored");
    String destination = broker().newDestination();
    var publisher = connect(destinationSetting(destination));
    var log = new DeliveryLog();
    log.enable();
    publisher.reportTo(log);
    var events = Events.interleaved(300, 10);

    publishLikeTheRelay(publisher, events);

    assertThat(log.find(events.stream().map(OutboxEvent::seq).toList()).values())
        .hasSize(300)
        .allSatisfy(
            receipt ->
                assertThat(List.of(receipt.destination(), String.valueOf(receipt.routingKey())))
                    .contains(destination));
  }

  @Test
  void everyColumnArrivesUnderItsDocumentedName() {
    var event = event(4711, "order-42", Map.of("tenant", "acme", "trace", "0-1-2"));

    var message = roundTrip(event);

    assertThat(message.headers())
        .containsEntry(MessageHeaders.EVENT_ID, event.id().toString())
        .containsEntry(MessageHeaders.EVENT_TYPE, "OrderPlaced")
        .containsEntry(MessageHeaders.EVENT_TIME, event.createdAt().toString())
        .containsEntry(MessageHeaders.EVENT_SEQUENCE, "4711")
        .containsEntry(MessageHeaders.AGGREGATE_TYPE, "order")
        .containsEntry(MessageHeaders.AGGREGATE_ID, "order-42")
        .containsEntry(MessageHeaders.CONTENT_TYPE, "application/json")
        .containsEntry("tenant", "acme")
        .containsEntry("trace", "0-1-2");
  }

  @Test
  void theRelaysHeaderWinsOverTheEventsOwnOfThatName() {
    var event = event(1, "order-1", Map.of(MessageHeaders.EVENT_ID, "forged"));

    assertThat(roundTrip(event).headers())
        .containsEntry(MessageHeaders.EVENT_ID, event.id().toString());
  }

  @Test
  void textOutsideAsciiArrives() {
    var event = event(1, "bestellung-ß-注文-🛒", Map.of("grüße", "Привет"));

    assertThat(roundTrip(event).headers())
        .containsEntry(MessageHeaders.AGGREGATE_ID, "bestellung-ß-注文-🛒")
        .containsEntry("grüße", "Привет");
  }

  @Test
  void payloadBytesArriveUntouched() {
    var bytes = new byte[512];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    assertThat(payload(roundTrip(event(1, "order-1", Buffer.buffer(bytes))))).isEqualTo(bytes);
  }

  @Test
  void anEmptyPayloadArrivesEmpty() {
    assertThat(payload(roundTrip(event(1, "order-1", Buffer.buffer())))).isEmpty();
  }

  @Test
  void aTombstoneArrives() {
    var event = event(1, "order-1", (Buffer) null);

    var message = roundTrip(event);

    assertThat(message.headers()).containsEntry(MessageHeaders.EVENT_ID, event.id().toString());
    if (features().contains(Feature.TOMBSTONES)) {
      assertThat(message.payload()).isNull();
    } else {
      assertThat(payload(message)).isEmpty();
    }
  }

  @Nested
  class TheDestination {
    @Test
    void isWrittenWithColumnsAndHeaders() {
      String destination = broker().newDestination();
      int middle = destination.length() / 2;
      var event =
          event(
              1,
              destination.substring(0, middle),
              "order-1",
              Buffer.buffer("{}"),
              Map.of("rest", destination.substring(middle)));
      var publisher = connect(destinationSetting("${aggregate_type}${headers.rest}"));

      await(publish(publisher, event));

      assertThat(consume(destination, 1)).hasSize(1);
    }

    @Test
    void isTheOneInTheEventsHeaderWhereThatIsConfigured() {
      assumeTrue(features().contains(Feature.DESTINATION_HEADER), "no destination header");
      String usual = broker().newDestination();
      String explicit = broker().newDestination();
      var publisher = connect(destinationSetting(usual), headerSetting("send-to"));

      await(publish(publisher, event(1, "order-1", Map.of("send-to", explicit))));
      await(publish(publisher, event(2, "order-2")));

      assertThat(consume(explicit, 1)).extracting(this::sequence).containsExactly(1L);
      assertThat(consume(usual, 1)).extracting(this::sequence).containsExactly(2L);
    }

    @Test
    void isAnotherForAllEventsWhereTheBrokerIsRedirected() {
      String usual = broker().newDestination();
      String other = broker().newDestination();
      var configured = configure(destinationSetting(usual));
      if (!features().contains(Feature.REDIRECTION)) {
        assertThatThrownBy(() -> configured.redirectedTo(other))
            .isInstanceOf(IllegalArgumentException.class);
        return;
      }
      var event = event(1, "order-1", Map.of(MessageHeaders.EVENT_REPLAY, "7"));

      await(publish(connect(configured.redirectedTo(other)), event));
      await(publish(connect(configured), event(2, "order-2")));

      var redirected = consume(other, 1);
      assertThat(redirected).extracting(this::sequence).containsExactly(1L);
      assertThat(redirected.get(0).headers()).containsEntry(MessageHeaders.EVENT_REPLAY, "7");
      assertThat(consume(usual, 1)).extracting(this::sequence).containsExactly(2L);
    }

    @Test
    void ofARedirectedBrokerMayBeATemplateToo() {
      assumeTrue(features().contains(Feature.REDIRECTION), "sends nowhere else");
      String other = broker().newDestination();
      var redirected = configure(destinationSetting("nowhere")).redirectedTo("${headers.to}");

      await(publish(connect(redirected), event(1, "order-1", Map.of("to", other))));

      assertThat(consume(other, 1)).hasSize(1);
      assertThatThrownBy(() -> redirected.redirectedTo("${nothing}"))
          .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void cannotBeWrittenWithoutTheHeaderThatItNames() {
      String destination = broker().newDestination();
      var publisher = connect(destinationSetting("${headers.to}"));

      var without = publish(publisher, event(1, "order-1"));
      var with = publish(publisher, event(2, "order-2", Map.of("to", destination)));

      assertThatThrownBy(() -> await(without)).isInstanceOf(PublishException.Rejected.class);
      await(with);
    }

    @Test
    void neverCountsAsReachedWhereItIsMissing() {
      assumeTrue(features().contains(Feature.MISSING_DESTINATION_REFUSED), "created by the broker");
      String destination = broker().newDestination();
      var publisher = connect(destinationSetting("${headers.to}"));

      var lost = publish(publisher, event(1, "order-1", Map.of("to", "nowhere-" + destination)));
      var others = publish(publisher, event(2, "order-2", Map.of("to", destination)));

      assertThatThrownBy(() -> await(lost))
          .isInstanceOfAny(PublishException.Rejected.class, PublishException.Retryable.class)
          .hasMessageContaining("nowhere-" + destination);
      await(others);
    }

    private long sequence(ReceivedMessage message) {
      return PublisherContract.sequence(message);
    }
  }

  @Nested
  class AnEventThatIsTooLarge {
    @Test
    void isRejectedAndDoesNotHarmItsNeighbours() {
      assumeTrue(features().contains(Feature.SIZE_LIMIT), "no size is too large");
      String destination = broker().newDestination();
      var events = new ArrayList<>(Events.interleaved(300, 10));
      var large = event(1_000, "order-3", Buffer.buffer(new byte[tooLarge()]));
      events.add(150, large);

      var outcome = publishLikeTheRelay(connect(destinationSetting(destination)), events);

      assertThat(outcome.rejected()).containsOnlyKeys(large);
      assertThat(outcome.confirmed()).hasSize(300).doesNotContain(large);
      events.remove(large);
      assertThat(sequences(consume(destination, 300))).isEqualTo(sequencesOf(events));
    }
  }

  @Nested
  class WhenTheBrokerIsAway {
    private final int closedPort = closedPort();

    @Test
    void connectingFailsAsRetryableAndNamesTheAddress() {
      var connecting = connecting(destinationSetting("d"), addressSetting("127.0.0.1", closedPort));

      assertThatThrownBy(() -> await(connecting))
          .isInstanceOf(PublishException.Retryable.class)
          .hasMessageContaining("127.0.0.1:" + closedPort);
    }

    @Test
    void checkingFindsAProblemAndARemedy() {
      var findings =
          check(List.of(), destinationSetting("d"), addressSetting("127.0.0.1", closedPort));

      assertThat(findings)
          .filteredOn(finding -> finding.level() == Finding.Level.PROBLEM)
          .isNotEmpty()
          .allSatisfy(finding -> assertThat(finding.remedy()).isNotBlank())
          .anySatisfy(finding -> assertThat(finding.text()).contains("127.0.0.1:" + closedPort));
    }

    private static int closedPort() {
      try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Nested
  class WhenTheBrokerBreaks {
    private String destination;
    private Publisher publisher;

    @BeforeEach
    void connectToOurOwnDestination() {
      assumeTrue(broker().controllable(), "the broker cannot be broken: " + broker().origin());
      destination = lastingDestination();
      publisher = connect(destinationSetting(destination));
    }

    @Test
    void messagesConfirmedBeforeAKillExistAfterARestart() {
      var published = publishAll(LongStream.rangeClosed(1, 3_000).mapToObj(this::lone).toList());
      await(published.get(0));

      broker().kill();
      broker().restart();

      var confirmed = confirmed(published);
      assertThat(confirmed).contains(1L);
      assertAllArrive(confirmed);
    }

    @Test
    void orderIsKeptOverAKill() {
      assertOrderIsKept(
          () -> {
            broker().kill();
            broker().restart();
          });
    }

    @Test
    void orderIsKeptOverAnOrderlyRestart() {
      assertOrderIsKept(() -> broker().restart());
    }

    private void assertOrderIsKept(Runnable outage) {
      var events = Events.interleaved(6_000, 20);
      var rule = rule(publisher);
      var published = rule.publishSteadily(events);
      await(rule.firstConfirm());

      outage.run();

      var outcome = await(published);
      assertThat(outcome.violations()).isEmpty();
      assertThat(outcome.confirmed()).containsExactlyInAnyOrderElementsOf(events);
      var arrived = consumeAll(events.stream().map(OutboxEvent::seq).toList());
      assertThat(firstSequences(arrived)).isEqualTo(sequencesOf(events));
    }

    @Test
    void eventsThatAPausedBrokerDoesNotConfirmFailAsRetryableOrSucceedLater() {
      broker().pause();
      List<Future<Boolean>> published;
      try {
        published = publishAll(LongStream.rangeClosed(1, 100).mapToObj(this::lone).toList());
        doesNotSucceedNow(published.get(0));
      } finally {
        broker().resume();
      }
      var confirmed = confirmed(published);
      assertAllArrive(confirmed);
    }

    @Test
    void closingEndsWhatAPausedBrokerDoesNotConfirm() {
      broker().pause();
      try {
        var unconfirmed = publish(publisher, event(2, "order-1"));

        await(onContext(publisher::close));

        assertThatThrownBy(() -> unconfirmed.await(1, SECONDS))
            .isInstanceOf(PublishException.Retryable.class);
      } finally {
        broker().resume();
      }
    }

    @Test
    void connectingToAPausedBrokerEndsAsRetryable() {
      broker().pause();
      try {
        var connecting = connecting(destinationSetting(destination));

        assertThatThrownBy(() -> await(connecting)).isInstanceOf(PublishException.Retryable.class);
      } finally {
        broker().resume();
      }
    }

    @AfterEach
    void mendTheBroker() {
      if (broker().controllable()) {
        try {
          broker().newDestination();
        } catch (RuntimeException brokenStill) {
          broker().restart();
        }
      }
    }

    private void doesNotSucceedNow(Future<Boolean> published) {
      try {
        assertThat(published.await(2, SECONDS)).isFalse();
      } catch (TimeoutException e) {
        // neither confirmed nor failed yet, as it may be
      }
    }

    private OutboxEvent lone(long seq) {
      return event(seq, "order-" + seq);
    }

    private Set<Long> confirmed(List<Future<Boolean>> published) {
      var confirmed = new LinkedHashSet<Long>();
      for (int i = 0; i < published.size(); i++) {
        if (await(published.get(i))) {
          confirmed.add(i + 1L);
        }
      }
      return confirmed;
    }

    /**
     * Publishes events; each future completes with true if its event was confirmed and with false
     * if it failed as retryable, and fails for any other outcome.
     */
    private List<Future<Boolean>> publishAll(List<OutboxEvent> events) {
      var results = new ArrayList<Future<Boolean>>();
      events.forEach(
          event ->
              results.add(
                  publish(publisher, event)
                      .map(true)
                      .recover(
                          failure ->
                              failure instanceof PublishException.Retryable
                                  ? Future.succeededFuture(false)
                                  : Future.failedFuture(failure))));
      return results;
    }

    /** Consumes until all of the events have arrived; repeats may arrive among them. */
    private List<ReceivedMessage> consumeAll(Collection<Long> sequences) {
      int count = sequences.size();
      while (true) {
        var messages = consume(destination, count);
        var missing = new LinkedHashSet<>(sequences);
        messages.forEach(message -> missing.remove(sequence(message)));
        if (missing.isEmpty() || messages.size() < count) {
          return messages;
        }
        count = messages.size() + missing.size();
      }
    }

    private void assertAllArrive(Collection<Long> confirmed) {
      assertThat(consumeAll(confirmed)).extracting(this::number).containsAll(confirmed);
    }

    private long number(ReceivedMessage message) {
      return sequence(message);
    }
  }

  @Nested
  class Closing {
    private final String destination = broker().newDestination();

    @Test
    void completesWithNothingInFlight() {
      var publisher = connect(destinationSetting(destination));
      var published = new ArrayList<Future<Void>>();
      var closed =
          onContext(
              () -> {
                Events.interleaved(2_000, 50).forEach(e -> published.add(publisher.publish(e)));
                return publisher.close();
              });

      await(closed);

      assertThat(published).hasSize(2_000).allMatch(Future::isComplete);
      assertThat(published)
          .filteredOn(Future::failed)
          .extracting(Future::cause)
          .allMatch(PublishException.Retryable.class::isInstance);
      long confirmed = published.stream().filter(Future::succeeded).count();
      assertThat(consume(destination, (int) confirmed))
          .hasSizeGreaterThanOrEqualTo((int) confirmed);
    }

    @Test
    void failsLaterEventsAsRetryable() {
      var publisher = connect(destinationSetting(destination));
      var published = new ArrayList<Future<Void>>();
      var closed =
          onContext(
              () -> {
                var closing = publisher.close();
                published.add(publisher.publish(event(1, "order-1")));
                return closing;
              });
      await(closed);
      published.add(publish(publisher, event(2, "order-2")));

      assertThat(published)
          .allSatisfy(
              event ->
                  assertThatThrownBy(() -> await(event))
                      .isInstanceOf(PublishException.Retryable.class));
    }

    @Test
    void aSecondTimeChangesNothing() {
      var publisher = connect(destinationSetting(destination));
      await(publish(publisher, event(1, "order-1")));

      await(onContext(publisher::close));
      await(onContext(publisher::close));

      assertThat(consume(destination, 1)).hasSize(1);
    }

    @Test
    void ofOnePublisherLeavesTheOthersAlone() {
      var broker = configure(destinationSetting(destination));
      var one = connect(broker);
      var other = connect(broker);

      await(onContext(one::close));

      await(publish(other, event(1, "order-1")));
    }
  }

  @Nested
  class Checking {
    @Test
    void findsNothingWrongWhereNothingIs() {
      String destination = broker().newDestination();

      var findings = check(List.of(event(1, "order-1")), destinationSetting(destination));

      assertThat(findings).isNotEmpty().noneMatch(f -> f.level() == Finding.Level.PROBLEM);
      assertThat(findings).anySatisfy(finding -> assertThat(finding.text()).contains(destination));
      assertThat(consume(destination, 0)).as("nothing was published").isEmpty();
    }

    @Test
    void findsAMissingDestination() {
      String missing = "nowhere-" + broker().newDestination();

      var findings = check(List.of(event(1, "order-1")), destinationSetting(missing));

      assertThat(findings)
          .filteredOn(finding -> finding.level() != Finding.Level.OK)
          .isNotEmpty()
          .allSatisfy(finding -> assertThat(finding.remedy()).isNotBlank())
          .anySatisfy(finding -> assertThat(finding.text()).contains(missing));
    }
  }

  @Test
  void noSecretIsEverShown() {
    var broker = configure(destinationSetting("d"), secretSettings("hunter2"));

    assertThat(broker.summary()).isNotBlank().doesNotContain("hunter2");
    assertThat(broker.toString()).doesNotContain("hunter2");
  }

  private ReceivedMessage roundTrip(OutboxEvent event) {
    String destination = broker().newDestination();
    await(publish(connect(destinationSetting(destination)), event));
    return consume(destination, 1).get(0);
  }

  private static byte[] payload(ReceivedMessage message) {
    var payload = message.payload();
    return payload == null ? new byte[0] : payload.getBytes();
  }

  private static long sequence(ReceivedMessage message) {
    return Long.parseLong(message.headers().getOrDefault(MessageHeaders.EVENT_SEQUENCE, "-1"));
  }

  private static Map<String, List<Long>> sequencesOf(List<OutboxEvent> events) {
    return events.stream()
        .collect(groupingBy(OutboxEvent::aggregateId, mapping(OutboxEvent::seq, toList())));
  }

  private static Map<String, List<Long>> sequences(List<ReceivedMessage> messages) {
    return messages.stream()
        .collect(
            groupingBy(
                message -> message.headers().getOrDefault(MessageHeaders.AGGREGATE_ID, ""),
                mapping(PublisherContract::sequence, toList())));
  }

  /** Returns the events of each aggregate that a consumer sees if it drops repeats. */
  private static Map<String, List<Long>> firstSequences(List<ReceivedMessage> messages) {
    var seen = new LinkedHashSet<Long>();
    return sequences(messages.stream().filter(message -> seen.add(sequence(message))).toList());
  }
}
