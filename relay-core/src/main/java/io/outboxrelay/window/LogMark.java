package io.outboxrelay.window;

/**
 * Says up to which position in the log a stored checkpoint confirms every event. A relay that reads
 * a permanent slot continues at that position after a restart.
 *
 * @param slot the name of the slot
 * @param publication a text that identifies the state of the publication with which the log was
 *     read
 * @param position every transaction with a commit that ends at or before it is delivered
 */
public record LogMark(String slot, String publication, long position) {
  LogMark at(long reached) {
    return reached > position ? new LogMark(slot, publication, reached) : this;
  }
}
