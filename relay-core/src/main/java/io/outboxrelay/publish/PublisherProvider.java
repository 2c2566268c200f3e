package io.outboxrelay.publish;

import io.outboxrelay.settings.Settings;

/**
 * Makes a broker available to the relay under a name.
 *
 * <p>The relay finds implementations with {@link java.util.ServiceLoader}. An implementation
 * therefore needs a public constructor without parameters and a line in {@code
 * META-INF/services/io.outboxrelay.publish.PublisherProvider}.
 */
public interface PublisherProvider {
  /**
   * Returns the name that selects this broker in {@code broker: name}. The broker's section of the
   * configuration has the same name.
   */
  String name();

  /**
   * Reads the broker's section of the configuration, without connecting to anything.
   *
   * <p>Mistakes are recorded in {@code settings} and not thrown, so that all mistakes are reported
   * at once. If there is a mistake, the returned broker is not used.
   */
  Broker configure(Settings settings);
}
