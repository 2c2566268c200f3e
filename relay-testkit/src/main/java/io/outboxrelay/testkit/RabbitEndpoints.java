package io.outboxrelay.testkit;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a node.
 *
 * @param uri the URI without TLS; for a node given by its address, the URI as it was given
 * @param tlsUri the URI with TLS; null for a node given by its address
 * @param certificate the node's TLS certificate
 */
record RabbitEndpoints(String uri, @Nullable String tlsUri, @Nullable Path certificate) {
  static RabbitEndpoints local(int port, int tlsPort, Path certificate) {
    return new RabbitEndpoints(
        "amqp://127.0.0.1:" + port, "amqps://127.0.0.1:" + tlsPort, certificate);
  }
}
