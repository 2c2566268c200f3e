package io.outboxrelay.settings;

/**
 * A setting that somebody reads.
 *
 * @param orElse its default as it would be written; empty where there is none
 */
public record SettingDescriptor(String key, String orElse) {}
