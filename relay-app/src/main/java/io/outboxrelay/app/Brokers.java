package io.outboxrelay.app;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.settings.Settings;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The broker modules on the class path, by name. */
final class Brokers {
  private final SortedMap<String, PublisherProvider> providers;

  private Brokers(SortedMap<String, PublisherProvider> providers) {
    this.providers = providers;
  }

  static Brokers found() {
    var providers = new TreeMap<String, PublisherProvider>();
    ServiceLoader.load(PublisherProvider.class)
        .forEach(provider -> providers.put(provider.name(), provider));
    return new Brokers(providers);
  }

  /** Reads the setting {@code broker} and that broker's section; other brokers' are mistakes. */
  Optional<Broker> configure(Settings root) {
    String name = root.requiredText("broker");
    var provider = Optional.ofNullable(providers.get(name));
    if (provider.isEmpty()) {
      root.require(name.isEmpty(), "broker", "is none of the brokers found: " + names());
      providers.keySet().forEach(known -> root.section(known).rest());
      return Optional.empty();
    }
    providers.keySet().stream()
        .filter(other -> !other.equals(name))
        .forEach(other -> root.section(other).refuse("is not read, as broker is " + name));
    return provider.map(chosen -> chosen.configure(root.section(name)));
  }

  private String names() {
    return providers.isEmpty() ? "none at all" : String.join(", ", providers.keySet());
  }
}
