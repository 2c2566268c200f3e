package io.outboxrelay.kafka;

import static org.apache.kafka.clients.producer.ProducerConfig.ACKS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.BOOTSTRAP_SERVERS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.LINGER_MS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION;
import static org.apache.kafka.clients.producer.ProducerConfig.PARTITIONER_CLASS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.TRANSACTIONAL_ID_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG;

import io.outboxrelay.settings.Settings;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Checks the producer's properties at start-up, by Kafka's rules and by the relay's own. */
final class PropertyChecks {
  private static final Pattern ADDRESS = Pattern.compile("\\S+:\\d{1,5}(\\s*,\\s*\\S+:\\d{1,5})*");
  private static final Pattern KAFKAS_PREFIX =
      Pattern.compile("^Invalid value .*? for configuration [\\w.]+(: )?", Pattern.DOTALL);

  private final Settings settings;
  private final Map<String, String> set;
  private final Set<String> reported = new HashSet<>();

  private PropertyChecks(Settings settings, Map<String, String> set) {
    this.settings = settings;
    this.set = set;
  }

  /**
   * Reports each mistake to {@code settings}; checks nothing if the file of a secret cannot be
   * read.
   *
   * @param set the properties that stand directly in the section
   * @param all the properties in {@code set} and those below {@code properties}
   */
  static void check(Settings settings, Map<String, String> set, ProducerProperties all) {
    var checks = new PropertyChecks(settings, set);
    if (all.isUnreadable()) {
      return;
    }
    checks.keepTheGuarantees(all);
    checks.files();
    checks.singly();
    checks.together(all);
  }

  /**
   * Reports properties that would lose or reorder events as mistakes, and does not silently correct
   * them.
   */
  private void keepTheGuarantees(ProducerProperties all) {
    require(
        all,
        ACKS_CONFIG,
        value -> value.equals("all") || value.equals("-1"),
        "must be all, or an event that Kafka has confirmed can be lost");
    require(
        all,
        ENABLE_IDEMPOTENCE_CONFIG,
        value -> value.equalsIgnoreCase("true"),
        "must be true, or a retry can reorder the events of an aggregate");
    require(
        all,
        MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
        value -> value.equals("1"),
        "must be 1: with more, a later batch can overtake the first one of a partition");
    require(
        all,
        PARTITIONER_IGNORE_KEYS_CONFIG,
        value -> !value.equalsIgnoreCase("true"),
        "must be false, or the events of an aggregate spread over partitions and lose their order");
    require(
        all,
        PARTITIONER_CLASS_CONFIG,
        value -> !value.endsWith(".RoundRobinPartitioner"),
        "spreads the events of an aggregate over partitions, where they lose their order");
    require(
        all,
        TRANSACTIONAL_ID_CONFIG,
        value -> false,
        "must not be set: the relay does not publish in transactions");
    String serializers = "must not be set: the payload's bytes reach Kafka as they are";
    require(all, KEY_SERIALIZER_CLASS_CONFIG, value -> false, serializers);
    require(all, VALUE_SERIALIZER_CLASS_CONFIG, value -> false, serializers);
  }

  private void require(
      ProducerProperties all, String name, Predicate<String> holds, String message) {
    String value = all.text(name).trim();
    if (!value.isEmpty() && !holds.test(value)) {
      problem(set.containsKey(name) ? name : "properties." + name, message);
    }
  }

  /**
   * Requires that key and trust stores exist, because Kafka's message names the file but not the
   * reason.
   */
  private void files() {
    set.forEach(
        (name, value) -> {
          if (name.endsWith(".location") && !value.isBlank()) {
            settings.requireFile(name, value.trim());
          }
        });
  }

  private void singly() {
    String address = set.getOrDefault(BOOTSTRAP_SERVERS_CONFIG, "");
    if (!address.isEmpty() && !ADDRESS.matcher(address).matches()) {
      problem(BOOTSTRAP_SERVERS_CONFIG, "is not a list of host:port");
    }
    for (var value : ProducerConfig.configDef().validate(set)) {
      if (set.containsKey(value.name())) {
        value.errorMessages().forEach(message -> problem(value.name(), phrase(message)));
      }
    }
  }

  /**
   * Checks if the properties contradict each other, although each is valid alone. Does nothing if a
   * mistake in a single property was reported already.
   */
  private void together(ProducerProperties all) {
    if (!reported.isEmpty() || all.text(BOOTSTRAP_SERVERS_CONFIG).isEmpty()) {
      return;
    }
    long shortest = (long) all.number(LINGER_MS_CONFIG) + all.number(REQUEST_TIMEOUT_MS_CONFIG);
    if (all.number(DELIVERY_TIMEOUT_MS_CONFIG) < shortest) {
      problem(DELIVERY_TIMEOUT_MS_CONFIG, "must be at least linger.ms + request.timeout.ms");
    }
    var properties = new HashMap<>(all.forProducer());
    properties.put(KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    properties.put(VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    try {
      var unused = new ProducerConfig(properties);
    } catch (ConfigException e) {
      String message = String.valueOf(e.getMessage());
      String key =
          set.keySet().stream()
              .filter(message::contains)
              .filter(name -> !isSecret(name))
              .findFirst()
              .orElse("properties");
      problem(key, phrase(message));
    }
  }

  private static boolean isSecret(String name) {
    var key = ProducerConfig.configDef().configKeys().get(name);
    return key != null && key.type() == ConfigDef.Type.PASSWORD;
  }

  /**
   * Reports a problem unless the property has one already. Because the relay's own checks run
   * before Kafka's, their message is the one that is shown.
   */
  private void problem(String key, String message) {
    if (reported.add(key)) {
      settings.require(false, key, message);
    }
  }

  private static String phrase(String message) {
    return "is refused by Kafka: " + KAFKAS_PREFIX.matcher(message).replaceFirst("");
  }
}
