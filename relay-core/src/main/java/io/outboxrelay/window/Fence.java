package io.outboxrelay.window;

/**
 * The server's next transaction id and the highest sequence number given out by then. Every
 * transaction with the id {@code xid} or a higher one has only sequence numbers above {@code top}.
 */
public record Fence(long xid, long top) {}
