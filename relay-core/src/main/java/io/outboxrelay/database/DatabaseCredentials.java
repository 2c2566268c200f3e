package io.outboxrelay.database;

import io.outboxrelay.settings.Secret;
import java.util.Optional;

/**
 * The role as which the relay connects, and its password.
 *
 * @param password the password; empty if the server needs none
 */
record DatabaseCredentials(String user, Optional<Secret> password) {}
