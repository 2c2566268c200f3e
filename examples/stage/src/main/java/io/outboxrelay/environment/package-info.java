/**
 * Starts the example: real servers, the relay's packaged jar and the employee service, as processes
 * on this machine's loopback interface. The service itself is in {@code io.outboxrelay.example},
 * and the servers come from relay-testkit.
 *
 * <p>Begin at {@link ExampleEnvironment}; {@link EnvironmentMain} is its command line.
 */
@NullMarked
package io.outboxrelay.environment;

import org.jspecify.annotations.NullMarked;
