package io.outboxrelay.chaos;

import java.util.List;

/**
 * The relays under test, which stay the same during a run.
 *
 * @param broker {@code kafka} or {@code rabbitmq}
 * @param settings system properties for the relays, such as {@code
 *     -Doutbox-relay.relay.partitions=2}
 */
record RelaySetup(String broker, int relays, int shards, List<String> settings) {}
