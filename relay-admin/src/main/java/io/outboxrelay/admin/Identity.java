package io.outboxrelay.admin;

/**
 * Who asks.
 *
 * @param name as the audit says it
 */
record Identity(String name, Role role) {}
