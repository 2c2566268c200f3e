package io.outboxrelay.publish;

import io.outboxrelay.settings.Settings;

/**
 * Makes a broker available to the relay under a name.
 *
 * <p>Found with {@link java.util.ServiceLoader}, so an implementation needs a public constructor
 * without parameters and a line in {@code
 * META-INF/services/io.outboxrelay.publish.PublisherProvider}.
 */
public interface PublisherProvider {
  /**
   * Returns the name that selects this broker in {@code broker: name}; its configuration section
   * has this name too.
   */
  String name();

  /**
   * Reads the broker's section of the configuration, without connecting to anything.
   *
   * <p>Mistakes are recorded in {@code settings} and not thrown, so that all are reported at once.
   * If there are any, the returned broker is not used.
   */
  Broker configure(Settings settings);
}
