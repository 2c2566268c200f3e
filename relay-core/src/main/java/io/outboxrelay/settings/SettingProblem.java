package io.outboxrelay.settings;

/**
 * One mistake in the configuration.
 *
 * @param key the setting's full name, such as {@code relay.page-size}
 * @param seen the value that the message shows: empty if there was none, hidden for secrets
 * @param message a phrase that continues the key
 */
public record SettingProblem(String key, String seen, String message) {}
