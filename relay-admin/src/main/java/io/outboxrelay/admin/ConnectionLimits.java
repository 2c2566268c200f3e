package io.outboxrelay.admin;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Bounds the number of open connections, and the time that each may take to send a request.
 *
 * <p>The server's idle timeout starts again with each byte, so a caller that sends single bytes
 * could keep a connection open for ever. If there are too many connections, the connection that has
 * waited longest for a request is closed. The new connection is kept, because health probes open
 * new connections. Used on one event loop.
 */
final class ConnectionLimits {
  static final int MOST = 256;

  /** The time in which the headers of the first request must arrive. */
  static final Duration FIRST_REQUEST = Duration.ofSeconds(10);

  /** The time in which the headers of each later request must arrive. */
  static final Duration NEXT_REQUEST = Duration.ofSeconds(60);

  /**
   * The time for which a connection stays open if the request was answered before its body was read
   * completely, so that the caller can read the answer.
   */
  static final Duration UNREAD_BODY = Duration.ofSeconds(5);

  private static final long LOOKED_AFTER_MILLIS = 1_000;

  private final LongSupplier nanoTime;
  private final int most;
  private final Map<HttpConnection, Waiting> open = new LinkedHashMap<>();

  private static final class Waiting {
    private int requests;
    private long until;
  }

  ConnectionLimits() {
    this(MOST, System::nanoTime);
  }

  ConnectionLimits(int most, LongSupplier nanoTime) {
    this.most = most;
    this.nanoTime = nanoTime;
  }

  /**
   * Starts a timer that closes connections that have waited too long. Returns the id of the timer.
   */
  long watch(Vertx vertx) {
    return vertx.setPeriodic(LOOKED_AFTER_MILLIS, due -> closeLate());
  }

  /** Called for a new connection. */
  void opened(HttpConnection connection) {
    if (open.size() >= most && !closeLongestWaiting()) {
      connection.close();
      return;
    }
    var waiting = new Waiting();
    waiting.until = after(FIRST_REQUEST);
    open.put(connection, waiting);
    connection.closeHandler(closed -> open.remove(connection));
  }

  /** Called when the headers of a request have arrived. */
  void began(HttpServerRequest request) {
    var waiting = open.get(request.connection());
    if (waiting != null) {
      waiting.requests++;
    }
  }

  /** Called when the request has been answered. */
  void ended(HttpServerRequest request) {
    var connection = request.connection();
    boolean isRead = request.isEnded();
    var waiting = open.remove(connection);
    if (waiting == null) {
      return;
    }
    waiting.requests--;
    waiting.until = after(isRead ? NEXT_REQUEST : UNREAD_BODY);
    open.put(connection, waiting);
  }

  private boolean closeLongestWaiting() {
    for (var connection : open.entrySet()) {
      if (connection.getValue().requests == 0) {
        close(connection.getKey());
        return true;
      }
    }
    return false;
  }

  void closeLate() {
    long now = nanoTime.getAsLong();
    List.copyOf(open.entrySet()).stream()
        .filter(one -> one.getValue().requests == 0 && now - one.getValue().until > 0)
        .forEach(one -> close(one.getKey()));
  }

  private void close(HttpConnection connection) {
    open.remove(connection);
    connection.close();
  }

  private long after(Duration duration) {
    return nanoTime.getAsLong() + duration.toNanos();
  }

  int open() {
    return open.size();
  }
}
