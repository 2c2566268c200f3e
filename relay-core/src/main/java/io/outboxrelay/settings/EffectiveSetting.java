package io.outboxrelay.settings;

import java.util.Optional;

/**
 * A setting with the value that is in force.
 *
 * @param value the value as it would be written, {@code [hidden]} for a secret; empty if there is
 *     none
 * @param isDefault true if the configuration does not set it
 */
public record EffectiveSetting(String key, Optional<String> value, boolean isDefault) {}
