package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.TestBroker;
import java.util.Map;
import java.util.Random;

/** What the suite has to know of one kind of broker. */
interface BrokerSide extends AutoCloseable {
  TestBroker broker();

  String destination();

  /** The way of relay {@code number}, from 1. */
  FaultProxy proxy(int number);

  /** The broker's section of the relays' configuration. */
  Map<String, Object> settings();

  /** Makes the broker take few messages or none, for now, in one of its ways; names the way. */
  String refuse(Random random) throws Exception;

  /** Makes the broker take messages again. */
  void accept() throws Exception;

  /** An event that this broker will never accept, in one of the ways there are. */
  Rejectable rejectable(Random random);

  @Override
  void close();

  /** What makes an event unacceptable: the length of its text, or a header. */
  record Rejectable(String why, int textLength, String headers) {}
}
