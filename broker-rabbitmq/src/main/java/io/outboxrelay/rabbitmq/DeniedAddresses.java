package io.outboxrelay.rabbitmq;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * The addresses to which RabbitMQ does not let the user write: exchanges, or routing keys of topic
 * exchanges.
 *
 * <p>RabbitMQ closes the channel when it refuses a message, and then all unconfirmed messages of
 * the channel must be published again. Events for these addresses are therefore tried one at a time
 * on a separate channel, and at most 20 times a second for all addresses together; see {@link
 * LoneAttempt}.
 *
 * <p>Safe for all threads.
 */
final class DeniedAddresses {
  /**
   * The maximum number of remembered addresses. If there are more, the address that was refused
   * longest ago is forgotten.
   */
  private static final int MOST = 1_000;

  private static final Duration BETWEEN_TRIES = Duration.ofMillis(50);

  /**
   * The name by which RabbitMQ calls the default exchange in its messages; clients call it by an
   * empty name.
   */
  private static final String DEFAULT_EXCHANGE = "amq.default";

  /**
   * Matches RabbitMQ's words for a missing permission, such as {@code ACCESS_REFUSED - write access
   * to topic 'key' in exchange 'x' in vhost '/' refused for user 'relay'}.
   */
  private static final Pattern WORDS =
      Pattern.compile(
          "access to (?:topic '(?<key>.*)' in (?:exchange )?)?exchange '(?<exchange>.*)' in vhost"
              + " '.* refused for user .*",
          Pattern.DOTALL);

  private static final String MISSING_PERMISSION = " refused for user ";

  private final LongSupplier nanoTime;
  private final Map<Address, String> refusals = new LinkedHashMap<>();
  private volatile boolean none = true;
  private boolean trying;
  private long nextTry;

  /**
   * An exchange, or one routing key of an exchange.
   *
   * @param key the routing key; empty if all routing keys of the exchange are refused
   */
  record Address(String exchange, Optional<String> key) {
    boolean includes(String anExchange, String aKey) {
      return exchange.equals(anExchange) && (key.isEmpty() || key.get().equals(aKey));
    }
  }

  DeniedAddresses() {
    this(System::nanoTime);
  }

  DeniedAddresses(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.nextTry = nanoTime.getAsLong();
  }

  /** Returns true if the words say that the user lacks a permission. */
  static boolean isMissingPermission(String words) {
    return words.contains(MISSING_PERMISSION);
  }

  /** Returns the address that the broker's words name; empty if they name none. */
  static Optional<Address> named(String words) {
    var matcher = WORDS.matcher(words);
    if (!matcher.find()) {
      return Optional.empty();
    }
    String exchange = matcher.group("exchange");
    return Optional.of(
        new Address(
            exchange.equals(DEFAULT_EXCHANGE) ? "" : exchange,
            Optional.ofNullable(matcher.group("key"))));
  }

  /** Returns true if no address is known to be refused. */
  boolean areNone() {
    return none;
  }

  synchronized void add(Address address, String words) {
    refusals.remove(address);
    refusals.put(address, words);
    if (refusals.size() > MOST) {
      refusals.remove(refusals.keySet().iterator().next());
    }
    none = false;
  }

  /**
   * Removes the exchange and this routing key of the exchange, because the broker has taken a
   * message for them.
   */
  synchronized void remove(String exchange, String key) {
    refusals.remove(new Address(exchange, Optional.empty()));
    refusals.remove(new Address(exchange, Optional.of(key)));
    none = refusals.isEmpty();
  }

  /**
   * Returns the words with which the broker last refused this exchange or this routing key of the
   * exchange; empty if neither is refused.
   */
  synchronized Optional<String> words(String exchange, String key) {
    String words = refusals.get(new Address(exchange, Optional.empty()));
    return Optional.ofNullable(
        words != null ? words : refusals.get(new Address(exchange, Optional.of(key))));
  }

  /**
   * Returns true if an attempt may begin now, and counts it as begun; call {@link #tried} at its
   * end.
   */
  synchronized boolean beginTry() {
    long now = nanoTime.getAsLong();
    if (trying || now - nextTry < 0) {
      return false;
    }
    trying = true;
    nextTry = now + BETWEEN_TRIES.toNanos();
    return true;
  }

  synchronized void tried() {
    trying = false;
  }
}
