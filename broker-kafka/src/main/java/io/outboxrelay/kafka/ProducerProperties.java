package io.outboxrelay.kafka;

import static org.apache.kafka.clients.producer.ProducerConfig.ACKS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.BATCH_SIZE_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.BOOTSTRAP_SERVERS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.CLIENT_ID_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.LINGER_MS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.MAX_BLOCK_MS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION;

import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.SecretFileException;
import io.outboxrelay.settings.Settings;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * The properties that Kafka's producer knows, as the user set them, over the relay's defaults.
 *
 * <p>All of them pass through untouched. Those below {@code properties} do so unchecked, for what a
 * plug-in of the client reads.
 */
final class ProducerProperties {
  private static final AtomicInteger PRODUCERS = new AtomicInteger();

  /**
   * An outage must not expire batches, so they wait for as long as it takes.
   *
   * <p>One request in flight, although Kafka promises order with five: a broker that knows nothing
   * of a producer yet takes any sequence number. Where it does not take the first batch of a
   * partition, as it is too large or the topic too new, it takes the second, and that has
   * overtaken. Meanwhile events gather, so that the next request is larger and the rate the same.
   */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          ACKS_CONFIG, "all",
          ENABLE_IDEMPOTENCE_CONFIG, "true",
          DELIVERY_TIMEOUT_MS_CONFIG, String.valueOf(Integer.MAX_VALUE),
          MAX_BLOCK_MS_CONFIG, "5000",
          LINGER_MS_CONFIG, "0",
          BATCH_SIZE_CONFIG, "131072",
          MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1",
          CLIENT_ID_CONFIG, "outbox-relay");

  private final Map<String, String> values;

  /** What may stand in files, which are read again for each new producer. */
  private final Map<String, Secret> secrets;

  private ProducerProperties(Map<String, String> values, Map<String, Secret> secrets) {
    this.values = values;
    this.secrets = secrets;
  }

  static ProducerProperties from(Settings in) {
    var set = new TreeMap<String, String>();
    set.put(BOOTSTRAP_SERVERS_CONFIG, in.requiredText(BOOTSTRAP_SERVERS_CONFIG).trim());
    var secrets = new TreeMap<>(in.secrets(secretNames()));
    set.putAll(in.rest(ProducerConfig.configNames()));
    var checked = new TreeMap<>(set);
    checked.putAll(readable(secrets));
    secrets.putAll(in.section("properties").secretRest());
    var all = new TreeMap<>(DEFAULTS);
    all.putAll(set);
    var properties = new ProducerProperties(Map.copyOf(all), Map.copyOf(secrets));
    PropertyChecks.check(in, checked, properties);
    return properties;
  }

  /** Those that Kafka itself hides. */
  private static Set<String> secretNames() {
    return ProducerConfig.configDef().configKeys().values().stream()
        .filter(key -> key.type() == ConfigDef.Type.PASSWORD)
        .map(key -> key.name)
        .collect(Collectors.toSet());
  }

  /** A file that cannot be read is reported by then. */
  private static Map<String, String> readable(Map<String, Secret> secrets) {
    var read = new TreeMap<String, String>();
    secrets.forEach(
        (name, secret) -> {
          try {
            read.put(name, secret.value());
          } catch (SecretFileException e) {
            // reported by the settings
          }
        });
    return read;
  }

  String text(String name) {
    var secret = secrets.get(name);
    return secret == null ? values.getOrDefault(name, "") : secret.value();
  }

  /** A value as the producer understands it, its default where nobody set it. */
  int number(String name) {
    String text = text(name);
    var known = text.isEmpty() ? ProducerConfig.configDef().defaultValues().get(name) : text;
    return Integer.parseInt(String.valueOf(known).trim());
  }

  /**
   * For one new producer: each has a client id of its own, as its metrics are named by that.
   *
   * @throws SecretFileException if the file of a secret cannot be read now
   */
  Map<String, Object> forProducer() {
    var properties = all();
    properties.put(CLIENT_ID_CONFIG, text(CLIENT_ID_CONFIG) + "-" + PRODUCERS.incrementAndGet());
    return properties;
  }

  /**
   * For looking at the cluster: how to reach it, and a bound on how long that may take; throws as
   * {@link #forProducer} does.
   */
  Map<String, Object> forAdmin(int timeoutMillis) {
    var properties = all();
    var onlyProducers = new HashSet<>(ProducerConfig.configNames());
    onlyProducers.removeAll(AdminClientConfig.configNames());
    properties.keySet().removeAll(onlyProducers);
    properties.put(CLIENT_ID_CONFIG, text(CLIENT_ID_CONFIG) + "-check");
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMillis);
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeoutMillis);
    return properties;
  }

  private Map<String, Object> all() {
    var properties = new HashMap<String, Object>(values);
    secrets.forEach((name, secret) -> properties.put(name, secret.value()));
    return properties;
  }

  /** Whether the file of a secret cannot be read; that is a mistake of the configuration then. */
  boolean isUnreadable() {
    return readable(secrets).size() < secrets.size();
  }

  /** Names the properties that were set; their values may be secret. */
  @Override
  public String toString() {
    var names = new TreeSet<>(values.keySet());
    names.addAll(secrets.keySet());
    return names.toString();
  }
}
