package io.outboxrelay.connect;

import io.outboxrelay.page.EventPage;
import io.outboxrelay.window.Checkpoint;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Determines the position up to which all events that were handed to Connect are confirmed. Kafka
 * confirms records of several topics in any order. The position therefore advances past a page only
 * when that page and all earlier pages are confirmed completely.
 *
 * <p>This class is thread-safe, because Connect reports confirms on its producer's thread.
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

  /**
   * Adds a page, all events of which the caller must then hand to Connect. An empty page counts as
   * confirmed.
   */
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

  /**
   * Returns the position up to which all events are confirmed; null if not even the first page is
   * confirmed.
   */
  synchronized @Nullable Checkpoint confirmed() {
    return confirmed;
  }

  /**
   * Returns a future that completes when all pages are confirmed. A callback of that future must
   * not block or do much work, because it runs on the thread of the last confirm while this object
   * is locked.
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
