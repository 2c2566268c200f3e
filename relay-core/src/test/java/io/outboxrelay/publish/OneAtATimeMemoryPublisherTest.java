package io.outboxrelay.publish;

import java.util.Map;

/** The fake passes the contract of a broker that keeps no order by itself, too. */
class OneAtATimeMemoryPublisherTest extends MemoryPublisherTest {
  @Override
  protected Map<String, Object> destinationSetting(String template) {
    return Map.of("destination", template, "ordering", "one-at-a-time");
  }
}
