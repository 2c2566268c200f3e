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
 * Bounds how many connections are open, and how long each may take to send a request.
 *
 * <p>The idle timeout of the server begins anew with each byte, so a caller that sends one now and
 * then would keep a connection for ever. If there are too many, the one that has waited longest for
 * a request is closed rather than the new one: probes of health come on new connections. Used on
 * one event loop.
 */
final class ConnectionLimits {
  static final int MOST = 256;

  /** Until the first request is complete up to its body. */
  static final Duration FIRST_REQUEST = Duration.ofSeconds(10);

  /** Until the next one is. */
  static final Duration NEXT_REQUEST = Duration.ofSeconds(60);

  /** For the rest of a body that nothing reads, so that its sender sees the answer. */
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

  /** Begins to look for connections that have waited too long; the result ends it. */
  long watch(Vertx vertx) {
    return vertx.setPeriodic(LOOKED_AFTER_MILLIS, due -> closeLate());
  }

  /** A connection was made. */
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

  /** A request has come, up to its body. */
  void began(HttpServerRequest request) {
    var waiting = open.get(request.connection());
    if (waiting != null) {
      waiting.requests++;
    }
  }

  /** It was answered. */
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
