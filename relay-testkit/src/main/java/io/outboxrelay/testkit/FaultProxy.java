package io.outboxrelay.testkit;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy between a client and a server on the loopback interface, which causes network faults.
 *
 * <p>It forwards bytes unchanged until a fault is set, and slows down a side that sends faster than
 * the other side reads. All methods may be called from any thread. When a method returns, its
 * effect has begun.
 */
public final class FaultProxy implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";

  /** The direction in which bytes flow. */
  public enum Direction {
    TO_SERVER,
    TO_CLIENT,
    BOTH
  }

  // Vert.x has only one event loop here, so all state below is used by one thread and needs no
  // lock.
  private final Vertx vertx;
  private final NetClient client;
  private final ProxyFaults faults = new ProxyFaults();
  // Accepted connections for which the proxy is still connecting to the server.
  private final Set<NetSocket> joining = new LinkedHashSet<>();
  private final Set<ProxyLink> links = new LinkedHashSet<>();
  private String targetHost;
  private int targetPort;
  private final int port = FreePorts.free();
  private @Nullable NetServer server;

  private FaultProxy(String targetHost, int targetPort, boolean usesNativeSockets) {
    this.vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setPreferNativeTransport(usesNativeSockets));
    this.client = vertx.createNetClient();
    this.targetHost = targetHost;
    this.targetPort = targetPort;
    change(this::listen);
  }

  /** Starts a proxy for {@code host:port}, on a free port of 127.0.0.1. */
  public static FaultProxy to(String host, int port) {
    return new FaultProxy(host, port, false);
  }

  /**
   * Starts a proxy that uses native sockets if the system is Linux, so that it can {@link
   * #vanish()}; see {@link #canVanish()}.
   */
  public static FaultProxy onNativeSockets(String host, int port) {
    return new FaultProxy(host, port, true);
  }

  /** Returns the port on 127.0.0.1 for clients. It does not change. */
  public int port() {
    return port;
  }

  /** Delays every byte by {@code delay}, in each direction. */
  public void latency(Duration delay) {
    set(() -> faults.latency(delay));
  }

  /** Limits each connection and direction to this rate. */
  public void bandwidth(long bytesPerSecond) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "A bandwidth of %d bytes a second lets nothing pass; use blackHole instead."
              .formatted(bytesPerSecond));
    }
    set(() -> faults.bandwidth(bytesPerSecond));
  }

  /**
   * Until {@link #heal()}, forwards nothing in this direction, not even the end of a connection.
   * The proxy still accepts connections and bytes.
   */
  public void blackHole(Direction direction) {
    set(() -> faults.blackHole(direction));
  }

  /** Returns true if the proxy can {@link #vanish()}. */
  public boolean canVanish() {
    return vertx.isNativeTransportEnabled();
  }

  /**
   * Makes the proxy behave, towards the server, like a host without power until {@link #heal()}.
   * The proxy sends nothing, not even the end of a connection, and the kernel does not answer the
   * server's packets. The client receives nothing either.
   *
   * <p>{@link #blackHole} does not simulate this, because with it the kernel still acknowledges the
   * bytes and the keepalive probes of the server.
   */
  public void vanish() {
    set(
        () -> {
          faults.vanish();
          links.forEach(ProxyLink::ignoreServer);
        });
  }

  /** Closes all present connections. New connections are accepted. */
  public void cut() {
    change(this::cutAll);
  }

  /** Closes all present connections, and forwards new connections to another server. */
  public void redirect(String host, int port) {
    change(
        () -> {
          targetHost = host;
          targetPort = port;
          return cutAll();
        });
  }

  /**
   * Closes all present connections, and refuses new connections until {@link #heal()}, as if no
   * server ran.
   */
  public void refuse() {
    change(() -> stopListening().compose(stopped -> cutAll()));
  }

  /**
   * Ends every fault. Connections that are still open continue, beginning with the bytes that were
   * held back; after {@link #vanish()} they are closed.
   */
  public void heal() {
    change(
        () -> {
          boolean hadVanished = faults.hasVanished();
          faults.heal();
          if (hadVanished) {
            return cutAll();
          }
          List.copyOf(links).forEach(ProxyLink::healed);
          return listen();
        });
  }

  @Override
  public void close() {
    await(vertx.close());
  }

  private Future<Void> listen() {
    if (server != null) {
      return Future.succeededFuture();
    }
    var listening = vertx.createNetServer().connectHandler(this::accept);
    server = listening;
    return listening.listen(port, LOOPBACK).mapEmpty();
  }

  private Future<Void> stopListening() {
    var listening = server;
    server = null;
    return listening == null ? Future.succeededFuture() : listening.close();
  }

  private void accept(NetSocket accepted) {
    accepted.pause();
    joining.add(accepted);
    accepted.closeHandler(closed -> joining.remove(accepted));
    if (faults.hasVanished()) {
      return;
    }
    client
        .connect(targetPort, targetHost)
        .onComplete(connected -> link(accepted, connected), refused -> accepted.close());
  }

  private void link(NetSocket accepted, NetSocket connected) {
    if (joining.remove(accepted)) {
      connected.pause();
      links.add(new ProxyLink(vertx, accepted, connected, faults, links::remove));
    } else {
      connected.close();
    }
  }

  private Future<Void> cutAll() {
    List<Future<Void>> cut = new ArrayList<>();
    // The loops iterate over copies, because each element removes itself from its set when it is
    // closed, which can happen at once.
    List.copyOf(joining).forEach(accepted -> cut.add(accepted.close()));
    List.copyOf(links).forEach(link -> cut.add(link.cut()));
    joining.clear();
    links.clear();
    return Future.join(cut).mapEmpty();
  }

  private void set(Runnable fault) {
    change(
        () -> {
          fault.run();
          return Future.succeededFuture();
        });
  }

  private void change(Supplier<Future<Void>> change) {
    var context = vertx.getOrCreateContext();
    await(Future.future(done -> context.runOnContext(now -> change.get().onComplete(done))));
  }

  private static void await(Future<Void> change) {
    try {
      change.await(10, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("The proxy did not change within 10 s.", e);
    }
  }
}
