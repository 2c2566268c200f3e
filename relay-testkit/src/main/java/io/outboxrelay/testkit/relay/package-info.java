/**
 * The packaged relay in processes of its own: its command line, its configuration file, and the
 * servers that it connects to. The demo, the benchmarks, the chaos suite, the example and the tests
 * start the relay only with these classes. The events that they write and the messages that they
 * expect are no subject of this package.
 *
 * <p>Begin at {@link PackagedRelay}, then read {@link RelayServers} and {@link RelayConfigFile}.
 */
@NullMarked
package io.outboxrelay.testkit.relay;

import org.jspecify.annotations.NullMarked;
