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
import static org.apache.kafka.clients.producer.ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG;

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
 * The properties of Kafka's producer: the relay's defaults, overridden by the section {@code
 * kafka}.
 *
 * <p>All values are passed on unchanged. The names below {@code properties} are not checked against
 * Kafka's list, because a plug-in of the client may read them.
 */
final class ProducerProperties {
  private static final AtomicInteger PRODUCERS = new AtomicInteger();

  /**
   * The relay's defaults. With the longest delivery timeout, batches do not expire during an
   * outage.
   *
   * <p>Only one request is in flight, although Kafka promises order with up to five: a broker that
   * has no state of a producer accepts any sequence number. If it refuses the first batch of a
   * partition, for example because the batch is too large or the topic too new, it accepts the
   * second one, which then overtakes the first. One request costs no throughput, because events
   * gather meanwhile and the next request is larger.
   *
   * <p>Kafka's metrics are not registered with JMX, because registering each of them is work at the
   * start of each client; the relay's own metrics do not need them.
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
          METRIC_REPORTER_CLASSES_CONFIG, "",
          CLIENT_ID_CONFIG, "outbox-relay");

  private final Map<String, String> values;

  /** The properties that may refer to files; the files are read again for each new producer. */
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

  /** Returns the names of the properties that Kafka treats as passwords. */
  private static Set<String> secretNames() {
    return ProducerConfig.configDef().configKeys().values().stream()
        .filter(key -> key.type() == ConfigDef.Type.PASSWORD)
        .map(key -> key.name)
        .collect(Collectors.toSet());
  }

  /** Returns the secrets that can be read; the settings have already reported the others. */
  private static Map<String, String> readable(Map<String, Secret> secrets) {
    var read = new TreeMap<String, String>();
    secrets.forEach(
        (name, secret) -> {
          try {
            read.put(name, secret.value());
          } catch (SecretFileException e) {
            // The settings have already reported this failure.
          }
        });
    return read;
  }

  String text(String name) {
    var secret = secrets.get(name);
    return secret == null ? values.getOrDefault(name, "") : secret.value();
  }

  /** Returns a number as the producer reads it, or Kafka's default if the property is not set. */
  int number(String name) {
    String text = text(name);
    var known = text.isEmpty() ? ProducerConfig.configDef().defaultValues().get(name) : text;
    return Integer.parseInt(String.valueOf(known).trim());
  }

  /**
   * Returns the properties of one new producer. Each producer has a client id of its own, because
   * Kafka names a producer's metrics by its client id.
   *
   * @throws SecretFileException if the file of a secret cannot be read now
   */
  Map<String, Object> forProducer() {
    var properties = all();
    properties.put(CLIENT_ID_CONFIG, text(CLIENT_ID_CONFIG) + "-" + PRODUCERS.incrementAndGet());
    return properties;
  }

  /**
   * Returns the properties of an admin client, with a timeout for each request and call; throws as
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

  /**
   * Returns true if the file of a secret cannot be read, which is a mistake in the configuration.
   */
  boolean isUnreadable() {
    return readable(secrets).size() < secrets.size();
  }

  /** Returns only the names of the properties, because the values may be secret. */
  @Override
  public String toString() {
    var names = new TreeSet<>(values.keySet());
    names.addAll(secrets.keySet());
    return names.toString();
  }
}
