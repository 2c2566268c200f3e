package io.outboxrelay.testkit;

/** The ports of one broker: in the clear, with TLS, with a password, and for itself. */
record KafkaPorts(int plain, int tls, int password, int controller) {
  static KafkaPorts free() {
    return new KafkaPorts(FreePorts.free(), FreePorts.free(), FreePorts.free(), FreePorts.free());
  }
}
