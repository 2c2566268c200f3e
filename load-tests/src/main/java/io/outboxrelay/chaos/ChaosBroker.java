package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestBroker;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** What the suite has to know of one kind of broker. */
interface ChaosBroker extends AutoCloseable {
  /** The length of an event's text that a destination that lacks room does not take. */
  int TOO_LONG = 5_000;

  TestBroker broker();

  /** Reads every destination, each in its order, from the beginning and endlessly. */
  Reading read(Consumer<ReceivedMessage> handler);

  /** The way of relay {@code number}, from 1. */
  FaultProxy proxy(int number);

  /** The broker's section of the relays' configuration. */
  Map<String, Object> settings();

  /** Makes the broker take few messages or none, for now, in one of its ways; names the way. */
  String refuse(Random random) throws Exception;

  /** Makes the broker take messages again. */
  void accept() throws Exception;

  /**
   * Makes {@link ChaosDestinations#FICKLE} take nothing, for now, in one of its ways; names the
   * way.
   */
  String refuseFickle(Random random) throws Exception;

  /** Makes that destination take messages again. */
  void acceptFickle() throws Exception;

  /** Begins a destination that does not take everything yet, or is not there at all. */
  Lacking lacking(String destination, Random random) throws Exception;

  /** An event that this broker will never accept, in one of the ways there are. */
  Rejectable rejectable(Random random);

  @Override
  void close();

  /** Reads until it is closed. */
  interface Reading extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * A destination that lacks something.
   *
   * @param completion gives it what it lacks; changes nothing where it has that already
   */
  record Lacking(String what, FaultInjector.Mending completion) {}

  /** What makes an event unacceptable: the length of its text, or a header. */
  record Rejectable(String why, int textLength, String headers) {}
}
