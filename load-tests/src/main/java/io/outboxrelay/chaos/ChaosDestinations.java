package io.outboxrelay.chaos;

/**
 * Where events go: their aggregate's type names a topic or an exchange.
 *
 * <p>One destination is always there, one takes nothing now and then, and each fault that needs it
 * has one of its own.
 */
final class ChaosDestinations {
  static final String USUAL = "thing";
  static final String FICKLE = "fickle";

  private static final String LACKING = "late-";
  private static final int ONE_IN = 4;

  private ChaosDestinations() {}

  /** The one that lacks something because of a fault; no name begins with another. */
  static String lacking(PlannedFault fault) {
    return LACKING + "%05d".formatted(fault.number());
  }

  /** An aggregate whose events go to a destination of a fault's own. */
  static String aggregate(String lacking, int number) {
    return lacking + "-" + number;
  }

  /** Where the events of an aggregate go. */
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
