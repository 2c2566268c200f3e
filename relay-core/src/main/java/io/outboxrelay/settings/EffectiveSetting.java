package io.outboxrelay.settings;

import java.util.Optional;

/**
 * A setting with the value that is in force.
 *
 * @param value the value as it would be written in the file; {@code [hidden]} for a secret; empty
 *     if there is no value
 * @param isDefault true if the configuration does not set the value
 */
public record EffectiveSetting(String key, Optional<String> value, boolean isDefault) {}
