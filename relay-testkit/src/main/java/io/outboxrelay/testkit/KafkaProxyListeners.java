package io.outboxrelay.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Listeners of a Kafka broker that are each reached through a proxy.
 *
 * <p>A broker tells its clients its own address. A client that connects to an ordinary listener
 * through a proxy therefore continues without the proxy. These listeners tell clients the addresses
 * of their proxies instead.
 */
final class KafkaProxyListeners {
  private final List<Integer> ports = new ArrayList<>();
  private final List<FaultProxy> proxies = new ArrayList<>();
  private final boolean passwords;

  private KafkaProxyListeners(boolean passwords) {
    this.passwords = passwords;
  }

  static KafkaProxyListeners none() {
    return of(0, false);
  }

  /**
   * @param passwords true if the listeners require user and password, so that tests can restrict
   *     the rights of clients that use them
   */
  static KafkaProxyListeners of(int count, boolean passwords) {
    var detours = new KafkaProxyListeners(passwords);
    for (int i = 0; i < count; i++) {
      int port = FreePorts.free();
      detours.ports.add(port);
      detours.proxies.add(FaultProxy.to("127.0.0.1", port));
    }
    return detours;
  }

  List<Integer> ports() {
    return ports;
  }

  List<FaultProxy> proxies() {
    return proxies;
  }

  /**
   * Adds these listeners to the broker's settings.
   *
   * @param bind the address to listen on
   */
  void addTo(Map<String, String> properties, String bind) {
    IntStream.range(0, ports.size())
        .forEach(
            i -> {
              String name = "DETOUR" + i;
              String listen = name + "://" + bind + ":" + ports.get(i);
              String advertise = name + "://127.0.0.1:" + proxies.get(i).port();
              append(properties, "listeners", listen);
              append(properties, "advertised.listeners", advertise);
              String protocol = passwords ? "SASL_PLAINTEXT" : "PLAINTEXT";
              append(properties, "listener.security.protocol.map", name + ":" + protocol);
              properties.put(
                  "listener.name." + name.toLowerCase(Locale.ROOT) + ".plain.sasl.jaas.config",
                  KafkaServer.Builder.users());
            });
  }

  private static void append(Map<String, String> properties, String name, String more) {
    properties.merge(name, more, (some, rest) -> some + "," + rest);
  }

  void close() {
    proxies.forEach(FaultProxy::close);
  }
}
