package io.outboxrelay.testkit;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of a broker.
 *
 * @param plain the host and the port of the listener without TLS and password
 * @param ports the ports of a broker that the test kit started; null for a server given by its
 *     address
 * @param certificate the broker's TLS certificate
 * @param detours further listeners, each of which is reached through a proxy
 */
record KafkaEndpoints(
    String plain,
    @Nullable KafkaPorts ports,
    @Nullable Path certificate,
    KafkaProxyListeners detours) {
  static KafkaEndpoints of(KafkaPorts ports, Path certificate, KafkaProxyListeners detours) {
    return new KafkaEndpoints(local(ports.plain()), ports, certificate, detours);
  }

  static String local(int port) {
    return "127.0.0.1:" + port;
  }
}
