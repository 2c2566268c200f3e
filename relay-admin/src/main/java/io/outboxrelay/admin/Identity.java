package io.outboxrelay.admin;

/**
 * The authenticated caller of a request.
 *
 * @param name the caller's name in the audit log
 * @param role what the caller may do
 */
record Identity(String name, Role role) {}
