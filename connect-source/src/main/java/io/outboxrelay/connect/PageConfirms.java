package io.outboxrelay.connect;

import io.outboxrelay.page.EventPage;
import io.outboxrelay.window.Checkpoint;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Tells up to which page everything that was handed to Connect is confirmed. Kafka confirms records
 * of several topics in any order, and pages count in the order in which they were read.
 *
 * <p>Safe for several threads: Connect confirms on its producer's thread.
 */
final class PageConfirms {
  private final ArrayDeque<Pending> pages = new ArrayDeque<>();
  private @Nullable Checkpoint confirmed;
  private @Nullable CompletableFuture<Void> completion;

  /** A page that was handed out. */
  static final class Pending {
    private final Checkpoint position;
    private int left;

    private Pending(Checkpoint position, int left) {
      this.position = position;
      this.left = left;
    }
  }

  /** Notes a page of which all events will be handed out; an empty one counts as confirmed. */
  synchronized Pending add(EventPage<Checkpoint> page) {
    var pending = new Pending(page.position(), page.events().size());
    pages.add(pending);
    advance();
    return pending;
  }

  /** Notes the confirm of one event of a page. */
  synchronized void confirm(Pending page) {
    page.left--;
    advance();
  }

  private void advance() {
    while (!pages.isEmpty() && pages.element().left <= 0) {
      confirmed = pages.remove().position;
    }
    if (completion != null && pages.isEmpty()) {
      completion.complete(null);
      completion = null;
    }
  }

  /** Returns the position up to which everything is confirmed; null if no page is yet. */
  synchronized @Nullable Checkpoint confirmed() {
    return confirmed;
  }

  /**
   * Completes when all pages are confirmed. Its continuations run on the thread of the last
   * confirm, and while this object is locked, so they must only pass the completion on.
   */
  synchronized CompletableFuture<Void> completion() {
    if (completion == null) {
      completion = new CompletableFuture<>();
    }
    var result = completion;
    advance();
    return result;
  }
}
