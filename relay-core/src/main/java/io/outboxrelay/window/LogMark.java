package io.outboxrelay.window;

/**
 * How far a stored checkpoint covers the log, so that a permanent slot can be read from there.
 *
 * @param slot the name of the slot
 * @param publication identifies the publication's state with which the log was read
 * @param position every transaction with a commit that ends at or before it is delivered
 */
public record LogMark(String slot, String publication, long position) {
  LogMark at(long reached) {
    return reached > position ? new LogMark(slot, publication, reached) : this;
  }
}
