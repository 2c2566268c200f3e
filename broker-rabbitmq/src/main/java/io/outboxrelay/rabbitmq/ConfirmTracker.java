package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.Return;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.PublishException;
import java.util.Optional;

/**
 * What was published on a channel and has no outcome yet: says what may join it, and reports the
 * outcomes as the broker tells them.
 *
 * <p>One thread asks and adds; the broker's word comes on the client's.
 */
final class ConfirmTracker {
  private final PoisonMessageBisector suspects;
  private final Runnable ready;
  private final ConfirmBuffer unconfirmed = new ConfirmBuffer();
  private volatile boolean held;
  private int room = PoisonMessageBisector.UNLIMITED;

  /**
   * @param ready called when a delivery may join that was not admitted before
   */
  ConfirmTracker(PoisonMessageBisector suspects, Runnable ready) {
    this.suspects = suspects;
    this.ready = ready;
  }

  /** Whether a delivery may join; if not, {@code ready} is called when it may. */
  boolean admits(PendingPublish delivery) {
    int wanted = suspects.room(delivery);
    if (wanted == room && (room == PoisonMessageBisector.UNLIMITED || unconfirmed.size() < room)) {
      return true;
    }
    // Held is set first, or the last confirm could come between and wake nobody.
    held = true;
    if (!unconfirmed.isEmpty()) {
      return false;
    }
    held = false;
    room = wanted;
    return true;
  }

  /** Adds a delivery that is about to be published; false where the channel is lost. */
  boolean add(PendingPublish delivery) {
    delivery.sent();
    return unconfirmed.add(delivery);
  }

  /** Takes back the newest delivery, which was not published after all. */
  void takeBack() {
    unconfirmed.takeBack();
  }

  void confirmed(long number, boolean multiple) {
    for (var delivery : unconfirmed.confirm(number, multiple)) {
      suspects.clear(delivery);
      delivery.confirmed();
    }
    letOthersIn();
  }

  void nacked(long number, boolean multiple) {
    for (var delivery : unconfirmed.confirm(number, multiple)) {
      suspects.clear(delivery);
      delivery.failed(ExceptionMapper.nacked());
    }
    letOthersIn();
  }

  private void letOthersIn() {
    if (held && unconfirmed.isEmpty()) {
      held = false;
      ready.run();
    }
  }

  /** Comes before the confirm of the same message, on the same thread. */
  void returned(Return message) {
    var seq = message.getProperties().getHeaders().get(MessageHeaders.EVENT_SEQUENCE);
    unconfirmed
        .findReturned(Long.parseLong(String.valueOf(seq)))
        .orElseThrow(() -> new IllegalStateException("a message was returned that is not in doubt"))
        .refused(ExceptionMapper.returned(message));
  }

  /** Fails everything; nothing is added any more. */
  void fail(PublishException failure) {
    unconfirmed.close().forEach(delivery -> delivery.failed(failure));
  }

  /**
   * Fails everything, as the broker has closed the channel on one of them: that one as {@code
   * refusal}, where it is known, and those that are suspect now as {@code inDoubt}.
   */
  void failByOne(PublishException refusal, PublishException inDoubt) {
    var deliveries = unconfirmed.close();
    if (deliveries.size() == 1) {
      suspects.clear(deliveries.get(0));
      deliveries.get(0).failed(refusal);
    } else {
      suspects.add(deliveries);
      deliveries.forEach(delivery -> delivery.failed(inDoubt));
    }
  }

  /** When the oldest of them was published, by {@link System#nanoTime}. */
  Optional<Long> since() {
    return unconfirmed.oldest().map(PendingPublish::sentAt);
  }
}
