package io.outboxrelay.testkit;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a broker is reached.
 *
 * @param plain host and port, in the clear and for everybody
 * @param ports what else a broker of our own listens on; null for one given by its address
 * @param certificate what it shows to those who ask for TLS
 * @param detours further listeners, each behind a proxy
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
