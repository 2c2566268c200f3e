package io.outboxrelay.tracing;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.outboxrelay.tracing.TracingConfig.Protocol;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** A collector that keeps the received spans: OTLP in protobuf, over HTTP and gRPC on one port. */
public final class OtlpReceiver implements AutoCloseable {
  private static final String HTTP = "/v1/traces";
  private static final String GRPC = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

  /** The bytes before each message of gRPC: one for compression and four for the length. */
  private static final int PREFIX = 5;

  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;
  private final List<ResourceSpans> received = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final List<Protocol> protocols = new CopyOnWriteArrayList<>();

  private OtlpReceiver() {
    this.server = vertx.createHttpServer().requestHandler(this::receive);
  }

  /** Starts on a free port of this machine. */
  public static OtlpReceiver start() throws TimeoutException {
    return startAt(0);
  }

  /** Starts on a port. */
  public static OtlpReceiver startAt(int port) throws TimeoutException {
    var receiver = new OtlpReceiver();
    receiver.server.listen(port, "127.0.0.1").await(60, SECONDS);
    return receiver;
  }

  private void receive(HttpServerRequest request) {
    String authorization = request.getHeader("Authorization");
    if (authorization != null) {
      authorizations.add(authorization);
    }
    request
        .body()
        .compose(body -> receive(request, body))
        .onFailure(unreadable -> request.response().setStatusCode(400).end());
  }

  private Future<Void> receive(HttpServerRequest request, Buffer body) {
    return switch (request.path()) {
      case HTTP -> receiveRequest(request, body);
      case GRPC -> receiveCall(request.response(), body);
      default -> request.response().setStatusCode(404).end();
    };
  }

  /** Answers with success, which is a message without fields and so has no bytes. */
  private Future<Void> receiveRequest(HttpServerRequest request, Buffer body) {
    keep(Protocol.HTTP, body, "gzip".equals(request.getHeader("Content-Encoding")));
    return request.response().putHeader("Content-Type", "application/x-protobuf").end();
  }

  private Future<Void> receiveCall(HttpServerResponse response, Buffer body) {
    boolean zipped = body.getByte(0) == 1;
    keep(Protocol.GRPC, body.getBuffer(PREFIX, PREFIX + body.getInt(1)), zipped);
    return response
        .putHeader("Content-Type", "application/grpc")
        .putTrailer("grpc-status", "0")
        .end(Buffer.buffer(new byte[PREFIX]));
  }

  private void keep(Protocol protocol, Buffer message, boolean zipped) {
    try {
      received.addAll(parse(message.getBytes(), zipped).getResourceSpansList());
      protocols.add(protocol);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ExportTraceServiceRequest parse(byte[] message, boolean zipped)
      throws IOException {
    var bytes = new ByteArrayInputStream(message);
    return ExportTraceServiceRequest.parseFrom(zipped ? new GZIPInputStream(bytes) : bytes);
  }

  public String endpoint() {
    return "http://127.0.0.1:" + port();
  }

  public int port() {
    return server.actualPort();
  }

  /** Returns all spans so far. */
  public List<Span> spans() {
    return received.stream()
        .flatMap(resource -> resource.getScopeSpansList().stream())
        .flatMap(scope -> scope.getSpansList().stream())
        .toList();
  }

  /** Returns a resource attribute of the sender of the first spans; null if it is absent. */
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

  /** Returns the protocol of each request so far. */
  List<Protocol> protocols() {
    return protocols;
  }

  @Override
  public void close() {
    vertx.close().await();
  }
}
