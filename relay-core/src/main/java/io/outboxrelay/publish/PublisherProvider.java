package io.outboxrelay.publish;

import io.outboxrelay.settings.Settings;

/**
 * Makes a broker known to the relay under a name.
 *
 * <p>Found with {@link java.util.ServiceLoader}, so an implementation has a public constructor
 * without parameters and a line in {@code
 * META-INF/services/io.outboxrelay.publish.PublisherProvider}.
 */
public interface PublisherProvider {
  /**
   * What selects this broker in {@code broker: name}; also the name of its configuration section.
   */
  String name();

  /**
   * Reads the broker's section of the configuration, without connecting to anything.
   *
   * <p>Mistakes are noted in {@code settings}, not thrown, so that all are reported at once; where
   * there are any, what this returns is thrown away unused.
   */
  Broker configure(Settings settings);
}
