package io.outboxrelay.connect;

import io.outboxrelay.page.EventPage;
import io.outboxrelay.window.Checkpoint;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Determines the position up to which everything that was handed to Connect is confirmed. Kafka
 * confirms records of several topics in any order, but pages must be confirmed in the order in
 * which they were read.
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

  /** Adds a page; all its events will be handed out. An empty page counts as confirmed. */
  synchronized Pending add(EventPage<Checkpoint> page) {
    var pending = new Pending(page.position(), page.events().size());
    pages.add(pending);
    advance();
    return pending;
  }

  /** Records the confirm of one event of a page. */
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
   * Completes when all pages are confirmed. Continuations run on the thread of the last confirm
   * while this object is locked, so they must not block or do work.
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
