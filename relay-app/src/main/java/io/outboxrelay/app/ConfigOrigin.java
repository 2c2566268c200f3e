package io.outboxrelay.app;

import io.outboxrelay.settings.EffectiveSetting;
import java.util.List;

/**
 * The origin of a configuration, and its settings as they were read. Only reports about the
 * configuration use them.
 *
 * @param source the origin, such as the name of the file
 * @param settings the settings with the values in force
 * @param passedOver the sections of brokers that are known but not chosen
 */
record ConfigOrigin(
    String source, List<EffectiveSetting> settings, List<UnusedSection> passedOver) {}
