package io.outboxrelay.settings;

import java.util.Optional;

/**
 * A setting and its value in force.
 *
 * @param value the value as it would be written, hidden for secrets; empty if there is none
 * @param isDefault true if the configuration does not set it
 */
public record EffectiveSetting(String key, Optional<String> value, boolean isDefault) {}
