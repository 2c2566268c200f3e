package io.outboxrelay.admin;

/**
 * The authenticated caller of a request.
 *
 * @param name the caller's name in the audit log
 * @param role the caller's permissions
 */
record Identity(String name, Role role) {}
