package io.outboxrelay.rabbitmq;

import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.Settings;
import java.util.Optional;

/**
 * The user and the virtual host of a connection. Each of user, password and virtual host is set in
 * the URI or in a setting of its own; setting one in both places is a mistake.
 */
record RabbitLogin(String username, Secret password, String virtualHost) {
  private static final String GUEST = "guest";

  static RabbitLogin from(Settings in, RabbitUri uri) {
    var username = in.optionalText("username");
    var password = in.secret("password");
    var virtualHost = in.optionalText("virtual-host");
    once(in, "username", username, uri.username());
    once(in, "password", password, uri.password());
    once(in, "virtual-host", virtualHost, uri.virtualHost());
    boolean named = username.isPresent() || uri.username().isPresent();
    boolean secured = password.isPresent() || uri.password().isPresent();
    in.require(!named || secured, "password", "is missing beside username");
    return new RabbitLogin(
        username.or(uri::username).orElse(GUEST),
        password.or(uri::password).orElse(new Secret(GUEST)),
        virtualHost.or(uri::virtualHost).orElse("/"));
  }

  private static void once(Settings in, String key, Optional<?> here, Optional<?> inUri) {
    in.require(here.isEmpty() || inUri.isEmpty(), key, "is in rabbitmq.uri too; keep one of them");
  }
}
