package io.outboxrelay.testkit;

/** The ports of one broker: plain, with TLS, with a password, and for the controller. */
record KafkaPorts(int plain, int tls, int password, int controller) {
  static KafkaPorts free() {
    return new KafkaPorts(FreePorts.free(), FreePorts.free(), FreePorts.free(), FreePorts.free());
  }
}
