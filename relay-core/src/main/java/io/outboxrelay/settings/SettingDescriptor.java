package io.outboxrelay.settings;

/**
 * A setting that the code reads.
 *
 * @param orElse the default as it would be written in the file; empty if there is none
 */
public record SettingDescriptor(String key, String orElse) {}
