package io.outboxrelay.settings;

import java.util.Optional;

/**
 * A setting as it counts.
 *
 * @param value as it would be written, and secrets hidden; empty where there is none
 * @param isDefault whether nobody has set it
 */
public record EffectiveSetting(String key, Optional<String> value, boolean isDefault) {}
