package io.outboxrelay.settings;

/**
 * A setting that the code reads.
 *
 * @param orElse its default as it would be written; empty if there is none
 */
public record SettingDescriptor(String key, String orElse) {}
