package io.outboxrelay.app;

import io.outboxrelay.testkit.RabbitServer;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;

/** The environment variables with which {@code conf/rabbitmq.yaml} uses a test's server. */
final class RabbitVariables {
  private RabbitVariables() {}

  /** Returns the variables for the default exchange, which routes to the queue of this name. */
  static Map<String, String> of(RabbitServer rabbitmq, String routingKey) {
    var variables = new HashMap<String, String>();
    var uri = URI.create((String) rabbitmq.settings().get("uri"));
    if (uri.getUserInfo() != null) {
      String[] login = uri.getUserInfo().split(":", 2);
      variables.put("OUTBOX_RELAY_RABBITMQ_USERNAME", login[0]);
      variables.put("RELAY_RABBITMQ_PASSWORD", login[1]);
    }
    variables.put("OUTBOX_RELAY_RABBITMQ_URI", uri.toString().replaceFirst("//[^@/]*@", "//"));
    variables.put("OUTBOX_RELAY_RABBITMQ_EXCHANGE", "");
    variables.put("OUTBOX_RELAY_RABBITMQ_ROUTING_KEY", routingKey);
    return variables;
  }
}
