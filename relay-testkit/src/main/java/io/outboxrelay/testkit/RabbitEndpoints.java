package io.outboxrelay.testkit;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a node.
 *
 * @param uri without TLS, or as given
 * @param tlsUri with TLS; null for a node given by its address
 * @param certificate the node's TLS certificate
 */
record RabbitEndpoints(String uri, @Nullable String tlsUri, @Nullable Path certificate) {
  static RabbitEndpoints local(int port, int tlsPort, Path certificate) {
    return new RabbitEndpoints(
        "amqp://127.0.0.1:" + port, "amqps://127.0.0.1:" + tlsPort, certificate);
  }
}
