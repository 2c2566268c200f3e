package io.outboxrelay.tracing;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** A collector that keeps what it is sent: OTLP over HTTP, in protobuf. */
public final class OtlpReceiver implements AutoCloseable {
  private final HttpServer server;
  private final List<ResourceSpans> received = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();

  private OtlpReceiver(HttpServer server) {
    this.server = server;
  }

  /** Starts on a free port of this machine. */
  public static OtlpReceiver start() throws IOException {
    return startAt(0);
  }

  /** Starts on a port. */
  public static OtlpReceiver startAt(int port) throws IOException {
    var server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    var receiver = new OtlpReceiver(server);
    server.createContext("/v1/traces", receiver::receive);
    server.start();
    return receiver;
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      var request = request(exchange);
      String authorization = exchange.getRequestHeaders().getFirst("Authorization");
      if (authorization != null) {
        authorizations.add(authorization);
      }
      received.addAll(request.getResourceSpansList());
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      // The answer that all went well is a message without fields, and so no bytes at all.
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private static ExportTraceServiceRequest request(HttpExchange exchange)
      throws IOException, InvalidProtocolBufferException {
    var body = exchange.getRequestBody();
    boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    return ExportTraceServiceRequest.parseFrom(zipped ? new GZIPInputStream(body) : body);
  }

  public String endpoint() {
    return "http://127.0.0.1:" + port();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /** All spans so far. */
  public List<Span> spans() {
    return received.stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  /** What the sender of the first spans says of itself; null where it says nothing of that name. */
  public @Nullable String resource(String name) {
    return received.get(0).getResource().getAttributesList().stream()
        .filter(attribute -> attribute.getKey().equals(name))
        .map(attribute -> attribute.getValue().getStringValue())
        .findFirst()
        .orElse(null);
  }

  List<String> authorizations() {
    return authorizations;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
