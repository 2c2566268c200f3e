package io.outboxrelay.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Compares the committed versions with those that have arrived and those in the dead letters. */
final class DeliveryCheck {
  private static final int SHOWN = 20;

  private final ExpectedState truth;
  private final ArrivalLog ledger;

  DeliveryCheck(ExpectedState truth, ArrivalLog ledger) {
    this.truth = truth;
    this.ledger = ledger;
  }

  /**
   * Returns the committed versions that have neither arrived nor are dead letters. They may still
   * be under way.
   */
  List<String> missing() {
    var missing = new ArrayList<String>();
    truth
        .versions()
        .forEach(
            (aggregate, version) -> {
              int last = lastToArrive(aggregate);
              int arrived = ledger.highest(aggregate);
              if (arrived < last) {
                missing.add("%s versions %d to %d".formatted(aggregate, arrived + 1, last));
              }
            });
    return missing.size() <= SHOWN ? missing : missing.subList(0, SHOWN);
  }

  private int lastToArrive(String aggregate) {
    int committed = truth.versions().getOrDefault(aggregate, 0);
    var deadLetters = truth.deadLetters().getOrDefault(aggregate, List.of());
    return deadLetters.isEmpty() ? committed : deadLetters.get(0) - 1;
  }

  /**
   * Returns the violations that waiting cannot repair. To be called after the writers have stopped.
   */
  List<String> broken(List<String> victims) {
    var broken = new ArrayList<String>();
    ledger.highest().entrySet().forEach(arrived -> beyond(arrived, broken));
    truth
        .deadLetters()
        .forEach((aggregate, deadLetters) -> deadLetters(aggregate, deadLetters, broken));
    truth.deadLetters().keySet().stream()
        .filter(aggregate -> !victims.contains(aggregate))
        .forEach(aggregate -> broken.add(aggregate + " is parked though nothing of it is wrong"));
    victims.stream()
        .filter(aggregate -> truth.versions().containsKey(aggregate))
        .filter(aggregate -> !truth.deadLetters().containsKey(aggregate))
        .forEach(
            aggregate -> broken.add(aggregate + " has an unacceptable event and no dead letter"));
    return broken;
  }

  private void beyond(Map.Entry<String, Integer> arrived, List<String> broken) {
    int last = lastToArrive(arrived.getKey());
    if (arrived.getValue() > last) {
      broken.add(
          "%s version %d arrived, though it ends at %d before its dead letters"
              .formatted(arrived.getKey(), arrived.getValue(), last));
    }
  }

  /** Checks that an aggregate's dead letters have no gap and end at its last version. */
  private void deadLetters(String aggregate, List<Integer> deadLetters, List<String> broken) {
    int expected = deadLetters.get(0);
    for (int version : deadLetters) {
      if (version != expected++) {
        broken.add("%s has the dead letters %s, with a gap".formatted(aggregate, deadLetters));
        return;
      }
    }
    int last = truth.versions().getOrDefault(aggregate, 0);
    if (expected != last + 1) {
      broken.add(
          "%s ends at version %d, and its dead letters at %d"
              .formatted(aggregate, last, expected - 1));
    }
  }
}
