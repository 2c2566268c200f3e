package io.outboxrelay.rabbitmq;

import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.PublishException.Rejected;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tracks the messages of one channel that have no outcome yet: decides which delivery may be
 * published next, and reports the outcomes that the broker sends.
 *
 * <p>One thread calls {@link #admits} and {@link #add}; the client's thread reports the confirms.
 */
final class ConfirmTracker {
  private final PoisonMessageBisector suspects;
  private final Runnable ready;
  private final ConfirmBuffer unconfirmed = new ConfirmBuffer();
  private volatile boolean held;
  private int room = PoisonMessageBisector.UNLIMITED;

  /**
   * @param ready called when a delivery that {@link #admits} has refused may be published
   */
  ConfirmTracker(PoisonMessageBisector suspects, Runnable ready) {
    this.suspects = suspects;
    this.ready = ready;
  }

  /**
   * Returns true if the delivery may be published now. If it returns false, {@code ready} is called
   * when the delivery may be published.
   */
  boolean admits(PendingPublish delivery) {
    int wanted = suspects.room(delivery);
    if (wanted == room && (room == PoisonMessageBisector.UNLIMITED || unconfirmed.size() < room)) {
      return true;
    }
    // The flag is set before the check. If it were set after the check, the last confirm could
    // arrive in between, and {@code ready} would never be called.
    held = true;
    if (!unconfirmed.isEmpty()) {
      return false;
    }
    held = false;
    room = wanted;
    return true;
  }

  /** Adds a delivery that is about to be published; returns false if the channel is lost. */
  boolean add(PendingPublish delivery) {
    delivery.sent();
    return unconfirmed.add(delivery);
  }

  /** Removes the newest delivery, which was not published after all. */
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
      delivery.failed(ExceptionMapper.nacked(delivery.exchange()));
    }
    letOthersIn();
  }

  private void letOthersIn() {
    if (held && unconfirmed.isEmpty()) {
      held = false;
      ready.run();
    }
  }

  /**
   * Returns the listener for the messages that no queue takes.
   *
   * @param unidentified called with the failure of a returned message if it is none of the
   *     unconfirmed ones
   */
  UnroutableMessageListener unroutable(Consumer<Rejected> unidentified) {
    return new UnroutableMessageListener(unconfirmed, unidentified);
  }

  /** Fails all deliveries and accepts no more. */
  void fail(PublishException failure) {
    unconfirmed.close().forEach(delivery -> delivery.failed(failure));
  }

  /**
   * Fails all deliveries after the broker has closed the channel because of one message. If only
   * one delivery is unconfirmed, it is the delivery of that message, and it fails with {@code
   * refusal}. Otherwise that message is not known, so all deliveries fail with {@code inDoubt} and
   * become suspects.
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

  /**
   * Fails all deliveries after the broker has closed the channel because the user lacks a
   * permission. If the broker's words name the address, the deliveries for that address fail as
   * denied. Otherwise the refused message is not known, so the deliveries fail as in {@link
   * #failByOne}.
   */
  void failDenied(String words, DeniedAddresses denied, ExceptionMapper failures) {
    var deliveries = unconfirmed.close();
    var named = DeniedAddresses.named(words).filter(address -> areAny(deliveries, address));
    if (named.isEmpty() && deliveries.size() != 1) {
      suspects.add(deliveries);
      deliveries.forEach(delivery -> delivery.failed(failures.channelClosed(words)));
      return;
    }
    var address = named.orElseGet(() -> deliveries.get(0).address());
    denied.add(address, words);
    for (var delivery : deliveries) {
      suspects.clear(delivery);
      delivery.failed(
          address.includes(delivery.exchange(), delivery.routingKey())
              ? failures.denied(words)
              : failures.channelClosed(words));
    }
  }

  private static boolean areAny(List<PendingPublish> deliveries, DeniedAddresses.Address address) {
    return deliveries.stream()
        .anyMatch(delivery -> address.includes(delivery.exchange(), delivery.routingKey()));
  }

  /** Returns the time at which the oldest delivery was published, by {@link System#nanoTime}. */
  Optional<Long> since() {
    return unconfirmed.oldest().map(PendingPublish::sentAt);
  }
}
