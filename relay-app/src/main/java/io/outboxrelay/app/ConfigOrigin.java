package io.outboxrelay.app;

import io.outboxrelay.settings.EffectiveSetting;
import java.util.List;

/**
 * The text from which a configuration was read. Only reports about the configuration use it.
 *
 * @param source such as the name of the file
 * @param settings the values in force
 * @param passedOver the sections of brokers that are known but not chosen
 */
record ConfigOrigin(
    String source, List<EffectiveSetting> settings, List<UnusedSection> passedOver) {}
