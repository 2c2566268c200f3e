package io.outboxrelay.poison;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.PreparedQuery;
import io.vertx.sqlclient.SqlClient;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoisonEventDetectorTest {
  private static final int CRASHES = 3;
  private static final int EVENTS = 10;
  private static final long SUSPECT = 41;
  private static final long LAST = 100;

  private final Vertx vertx = Vertx.vertx();
  private final List<Promise<Object>> writes = new ArrayList<>();
  private int ended;

  private PoisonEventDetector after(int crashes, int suspectCrashes) {
    return new PoisonEventDetector(
        vertx,
        database(),
        new OutboxNames("public", "outbox"),
        new PoisonEventDetector.Limits(0, CRASHES, EVENTS),
        new CrashHistory("this process", crashes, SUSPECT, suspectCrashes, LAST),
        () -> ended++);
  }

  private SqlClient database() {
    Object query =
        fake(
            PreparedQuery.class,
            () -> {
              Promise<Object> write = Promise.promise();
              writes.add(write);
              return write.future();
            });
    return (SqlClient) fake(SqlClient.class, () -> query);
  }

  private interface Answer {
    Object get();
  }

  private static Object fake(Class<?> type, Answer answer) {
    return Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> answer.get());
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(20, SECONDS);
  }

  @Test
  void publishesOneByOneAfterTwoCrashesNotAfterOne() {
    assertThat(after(1, 1).isOneByOne()).isFalse();
    assertThat(after(2, 1).isOneByOne()).isTrue();
  }

  @Test
  void objectsOnlyToTheSuspectAndOnlyAfterEnoughCrashes() {
    assertThat(after(2, CRASHES - 1).objection(SUSPECT)).isEmpty();
    assertThat(after(3, CRASHES).objection(SUSPECT)).contains("3 times");
    assertThat(after(3, CRASHES).objection(SUSPECT + 1)).isEmpty();
  }

  /**
   * If an event were published before its note is stored, a crash in between would not be
   * attributed to it.
   */
  @Test
  void completesANoteOnlyWhenItIsStored() {
    var noted = after(2, 1).note(SUSPECT);
    assertThat(noted.isComplete()).isFalse();

    writes.get(0).complete(null);

    assertThat(noted.succeeded()).isTrue();
  }

  @Test
  void looksBeyondWhatTheCrashedProcessCanHaveRead() {
    var detector = after(2, 1);
    assertThat(detector.isBeyond(LAST)).isFalse();
    assertThat(detector.isBeyond(LAST + 1)).isTrue();

    for (int i = 0; i < EVENTS; i++) {
      detector.note(i);
    }
    assertThat(detector.isBeyond(LAST)).isTrue();
  }

  @Test
  void endsOneByOneOnceAndTellsItWhenThatIsStored() {
    var detector = after(2, 1);
    Future<Void> usual = detector.endOneByOne();
    assertThat(detector.isOneByOne()).isFalse();
    assertThat(ended).isZero();

    writes.get(0).complete(null);
    detector.endOneByOne();

    assertThat(ended).isOne();
    assertThat(usual.succeeded()).isTrue();
  }
}
