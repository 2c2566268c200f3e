package io.outboxrelay.chaos;

/**
 * The destinations of events: the type of the aggregate names a topic or an exchange.
 *
 * <p>One destination always accepts messages and one sometimes refuses them. Faults that need a
 * destination of their own get one each.
 */
final class ChaosDestinations {
  static final String USUAL = "thing";
  static final String FICKLE = "fickle";

  private static final String LACKING = "late-";
  private static final int ONE_IN = 4;

  private ChaosDestinations() {}

  /**
   * Returns the destination of a fault that makes one incomplete. The number has a fixed width, so
   * that no name is the beginning of another.
   */
  static String lacking(PlannedFault fault) {
    return LACKING + "%05d".formatted(fault.number());
  }

  /** Returns the name of an aggregate that has such a destination. */
  static String aggregate(String lacking, int number) {
    return lacking + "-" + number;
  }

  /** Returns the destination of an aggregate's events. */
  static String of(String aggregate) {
    int number = aggregate.lastIndexOf('-');
    if (aggregate.startsWith(LACKING)) {
      return aggregate.substring(0, number);
    }
    boolean fickle =
        aggregate.startsWith("a-")
            && Integer.parseInt(aggregate.substring(number + 1)) % ONE_IN == 0;
    return fickle ? FICKLE : USUAL;
  }
}
