package io.outboxrelay.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.account.PageAccount;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.publish.OutboxEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Each test verifies one rule; {@code WindowReaderIT} verifies all of them with a real server. */
class WindowReaderTest {
  /** More numbers than a look begins below the highest one that was seen. */
  private static final int FAR = 300;

  private final SimulatedOutbox outbox = new SimulatedOutbox(FAR);
  private int ownersCalled;
  private final WindowReader reader = reader(outbox, Checkpoint.beginningAfter(0));

  private WindowReader reader(WindowQuery query, Checkpoint from) {
    return new WindowReader(
        query, from, nanos -> {}, RelayMetrics.alone().shard(0), () -> ownersCalled++);
  }

  private static EventPage<Checkpoint> next(WindowReader reader) {
    return reader.next().result();
  }

  /** Reads until a window has ended. */
  private static List<Long> window(WindowReader reader) {
    var seqs = new ArrayList<Long>();
    do {
      next(reader).events().stream().map(OutboxEvent::seq).forEach(seqs::add);
    } while (reader.isInWindow());
    return seqs;
  }

  private static List<Long> range(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }

  @Test
  void anEventThatCommitsLateIsReadHoweverFarBelowTheOthers() {
    long late = outbox.begin();
    outbox.insert(late, 1);
    long last = outbox.committed(FAR);
    assertThat(window(reader)).isEqualTo(range(2, last));

    outbox.commit(late);
    long fresh = outbox.committed(1);

    assertThat(window(reader)).containsExactly(1L, fresh);
    assertThat(window(reader)).isEmpty();
  }

  /** Otherwise the end of a long transaction would hold up new events. */
  @Test
  void aLateCommitScansOnlyTheNumbersThatWereNotSeen() {
    long late = outbox.begin();
    outbox.insert(late, 1);
    outbox.committed(FAR);
    window(reader);
    outbox.commit(late);
    outbox.scans.clear();

    window(reader);

    // The look begins above the late event; then the gap is scanned, and then the new numbers.
    assertThat(outbox.scans).containsExactly("(301,end]", "(0,1]", "(301,end]");
  }

  @Test
  void aWindowEndsWithWhatItsSnapshotSawEvenIfItIsReadInPages() {
    var small = new SimulatedOutbox(2);
    var paged = reader(small, Checkpoint.beginningAfter(0));
    long open = small.begin();
    small.insert(open, 1);
    small.committed(3);

    assertThat(next(paged).events()).extracting(OutboxEvent::seq).containsExactly(2L, 3L);
    small.commit(open);
    small.committed(1);

    assertThat(window(paged)).containsExactly(4L);
    assertThat(window(paged)).containsExactly(1L, 5L);
  }

  @Test
  void aReaderThatBeginsAtThePositionOfAnyPageReadsTheRest() {
    var small = new SimulatedOutbox(2);
    var paged = reader(small, Checkpoint.beginningAfter(0));
    long open = small.begin();
    small.insert(open, 1);
    small.committed(4);
    var first = next(paged).position();
    small.commit(open);
    small.committed(1);

    var successor = reader(small, first);

    assertThat(window(successor)).containsExactly(4L, 5L);
    assertThat(window(successor)).containsExactly(1L, 6L);
  }

  /** The clean-up deletes up to the floor, so an event that is committed later must be above it. */
  @Test
  void theFloorStaysBelowATransactionThatStillRuns() {
    outbox.committed(5);
    window(reader);
    long late = outbox.begin();
    long seq = outbox.insert(late, 1);
    for (int i = 0; i < 3; i++) {
      outbox.committed(5);
      assertThat(next(reader).position().floor()).isLessThan(seq);
    }

    outbox.commit(late);
    window(reader);
    outbox.committed(1);
    assertThat(next(reader).position().floor()).isGreaterThanOrEqualTo(seq);
  }

  @Test
  void aSequenceThatWasSetBackStopsTheReader() {
    outbox.committed(5);
    window(reader);
    outbox.sequence = 3;

    assertThat(reader.next().cause())
        .isInstanceOf(ContradictionException.class)
        .hasMessageContaining("gave out the number 3 last, but number 5 was read already");
  }

  @Test
  void aCallOfTheOwnersIsReportedAtEachLook() {
    next(reader);
    assertThat(ownersCalled).isZero();
    outbox.areOwnersCalled = true;
    next(reader);
    assertThat(ownersCalled).isEqualTo(1);
  }

  @Test
  void rowsThatTheLogHasDeliveredAreLeftOut() {
    long large = outbox.begin();
    outbox.insert(large, 5);
    outbox.commit(large);
    reader.continueFrom(delivered(new PartialTransaction(large, 3, 3, PageAccount.empty())));

    assertThat(window(reader)).containsExactly(4L, 5L);
    assertThat(reader.takeReadAgain()).isNull();
    assertThat(window(reader)).isEmpty();
  }

  /**
   * If a trigger inserts an event before each row, the first rows in the log have the higher
   * numbers.
   */
  @Test
  void allRowsAreReadAgainIfTheLogHasNotDeliveredTheLowestOnes() {
    long large = outbox.begin();
    outbox.insert(large, 5);
    outbox.commit(large);
    var part = new PartialTransaction(large, 2, 4, PageAccount.empty());
    reader.continueFrom(delivered(part));

    assertThat(window(reader)).isEqualTo(range(1, 5));
    assertThat(reader.takeReadAgain()).isEqualTo(part);
    assertThat(reader.takeReadAgain()).as("returned once only").isNull();
  }

  /** A page after the first one scans only numbers that were not seen. */
  @Test
  void rowsThatAreReadAgainAreScannedAlthoughTheLogHasShownTheirNumbers() {
    var small = new SimulatedOutbox(2);
    var paged = reader(small, Checkpoint.beginningAfter(0));
    long large = small.begin();
    small.insert(large, 5);
    small.commit(large);
    paged.saw(List.of(SimulatedOutbox.event(2), SimulatedOutbox.event(4)));
    paged.continueFrom(delivered(new PartialTransaction(large, 2, 4, PageAccount.empty())));

    assertThat(window(paged)).isEqualTo(range(1, 5));
  }

  /** Returns the set after a hand-over in the middle of a transaction that no snapshot sees yet. */
  private static DeliveredSet delivered(PartialTransaction part) {
    var before = Snapshot.parse(part.xid() + ":" + part.xid() + ":");
    return new DeliveredSet(before, new Fences(0), new Fence(part.xid(), 0), part);
  }
}
