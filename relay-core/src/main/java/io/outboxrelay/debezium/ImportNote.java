package io.outboxrelay.debezium;

/**
 * A remark on one property of Debezium.
 *
 * @param line the line in Debezium's file
 * @param text a phrase that continues the property's name
 */
public record ImportNote(int line, String property, Kind kind, String text) {
  /** The consequence for the user. */
  public enum Kind {
    /** There is nothing to do, because the relay does not need the property. */
    NOT_NEEDED,

    /** The relay does it in another way, and the user has to do something. */
    CHANGED,

    /** The relay has no counterpart of the property. */
    NO_COUNTERPART
  }
}
