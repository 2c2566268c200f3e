package io.outboxrelay.settings;

/**
 * One mistake in the configuration.
 *
 * @param key the setting's full name, such as {@code relay.page-size}
 * @param seen what was found there, as it may be shown: empty where nothing was, hidden for secrets
 * @param message what is wrong with it, a phrase that goes on from the key
 */
public record SettingProblem(String key, String seen, String message) {}
