package io.outboxrelay.publish;

import java.util.Map;

/** The broker for tests also passes the contract with {@link Ordering#ONE_AT_A_TIME}. */
class OneAtATimeMemoryPublisherTest extends MemoryPublisherTest {
  @Override
  protected Map<String, Object> destinationSetting(String template) {
    return Map.of("destination", template, "ordering", "one-at-a-time");
  }
}
