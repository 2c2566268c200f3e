package io.outboxrelay.chaos;

import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.testkit.TestBroker;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/** The broker-specific part of the chaos suite, one implementation for each kind of broker. */
interface ChaosBroker extends AutoCloseable {
  /** The length of an event's text that a destination without enough room rejects. */
  int TOO_LONG = 5_000;

  TestBroker broker();

  /** Reads every destination, each in its order, from the beginning until it is closed. */
  Reading read(Consumer<ReceivedMessage> handler);

  /** Returns the proxy through which relay {@code number}, from 1, reaches the broker. */
  FaultProxy proxy(int number);

  /** Returns the broker's section of the relays' configuration. */
  Map<String, Object> settings();

  /**
   * Makes the broker accept few messages or none, in a randomly chosen way; returns a description
   * of it.
   */
  String refuse(Random random) throws Exception;

  /** Ends the effect of {@link #refuse}. */
  void accept() throws Exception;

  /**
   * Makes {@link ChaosDestinations#FICKLE} accept no messages, in a randomly chosen way; returns a
   * description of it.
   */
  String refuseFickle(Random random) throws Exception;

  /** Ends the effect of {@link #refuseFickle}. */
  void acceptFickle() throws Exception;

  /** Prepares a destination that is missing, or that does not accept everything yet. */
  Lacking lacking(String destination, Random random) throws Exception;

  /** Returns an event that this broker will never accept, of a randomly chosen kind. */
  Rejectable rejectable(Random random);

  @Override
  void close();

  /** A running reader of all destinations; {@link #close()} ends it. */
  interface Reading extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * A destination that rejects events until it is completed.
   *
   * @param completion completes the destination; has no effect if it is complete
   */
  record Lacking(String what, FaultInjector.Mending completion) {}

  /** The properties of an event that the broker rejects: a text that is too long, or a header. */
  record Rejectable(String why, int textLength, String headers) {}
}
