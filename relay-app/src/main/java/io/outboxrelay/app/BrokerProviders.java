package io.outboxrelay.app;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.settings.Settings;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The broker modules on the class path, which the setting {@code broker} selects by name. */
final class BrokerProviders {
  private final SortedMap<String, PublisherProvider> providers;

  private BrokerProviders(SortedMap<String, PublisherProvider> providers) {
    this.providers = providers;
  }

  /**
   * The chosen broker and the configuration sections of the other brokers.
   *
   * @param chosen empty if the setting {@code broker} names no known broker
   * @param passedOver the sections of brokers that are not chosen
   */
  record Choice(Optional<Broker> chosen, List<UnusedSection> passedOver) {}

  static BrokerProviders found() {
    var providers = new TreeMap<String, PublisherProvider>(String.CASE_INSENSITIVE_ORDER);
    ServiceLoader.load(PublisherProvider.class)
        .forEach(provider -> providers.put(provider.name(), provider));
    return new BrokerProviders(providers);
  }

  /**
   * Reads the setting {@code broker} and that broker's section. Sections of other known brokers are
   * allowed, so that one file can serve for all brokers. The mistakes in these sections are kept in
   * the result, for the command {@code check}.
   */
  Choice configure(Settings root) {
    String name = root.requiredText("broker").trim();
    var provider = Optional.ofNullable(providers.get(name));
    root.require(
        provider.isPresent() || name.isEmpty(),
        "broker",
        "is none of the brokers found: " + names());
    var passedOver =
        providers.values().stream()
            .filter(other -> provider.filter(other::equals).isEmpty())
            .flatMap(other -> UnusedSection.of(other, root).stream())
            .toList();
    return new Choice(
        provider.map(chosen -> chosen.configure(root.section(chosen.name()))), passedOver);
  }

  private String names() {
    return providers.isEmpty() ? "none at all" : String.join(", ", providers.keySet());
  }
}
