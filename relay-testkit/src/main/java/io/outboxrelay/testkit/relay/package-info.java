/**
 * The packaged relay in processes of its own: its command line, its configuration file, and the
 * servers that it connects to. The demo, the benchmarks, the chaos suite, the example and the tests
 * start the relay only with these classes. Which events they write and which messages they expect
 * does not belong here.
 *
 * <p>Begin at {@link PackagedRelay}; {@link RelayServers} and {@link RelayConfigFile} give it
 * something to connect to.
 */
@NullMarked
package io.outboxrelay.testkit.relay;

import org.jspecify.annotations.NullMarked;
