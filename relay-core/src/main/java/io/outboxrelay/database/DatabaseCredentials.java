package io.outboxrelay.database;

import io.outboxrelay.settings.Secret;
import java.util.Optional;

/**
 * The role of the relay and its proof.
 *
 * @param password empty if the server needs none
 */
record DatabaseCredentials(String user, Optional<Secret> password) {}
