package io.outboxrelay.deadletter;

import io.outboxrelay.publish.PerDestination;
import io.outboxrelay.settings.Settings;

/**
 * Chooses the action for a rejected event by its destination, from the settings {@code
 * relay.on-rejected} and {@code relay.on-rejected-for}.
 */
public final class RejectionPolicy {
  private final PerDestination<RejectionAction> actions;

  private RejectionPolicy(PerDestination<RejectionAction> actions) {
    this.actions = actions;
  }

  /** Returns a policy with one action for all destinations. */
  public static RejectionPolicy always(RejectionAction then) {
    return new RejectionPolicy(PerDestination.always(then));
  }

  /** Reads the settings of the section {@code relay}. */
  public static RejectionPolicy from(Settings in) {
    return new RejectionPolicy(PerDestination.from(in, "on-rejected", RejectionAction.PARK));
  }

  /** Returns the action for a rejected event that goes to {@code destination}. */
  public RejectionAction at(String destination) {
    return actions.of(destination);
  }

  /** Returns the policy in the words of the configuration, such as {@code park, audit.* skip}. */
  @Override
  public String toString() {
    return actions.toString();
  }
}
