package io.outboxrelay.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.impl.AMQImpl;
import io.outboxrelay.publish.PublishException;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

class ExchangeInspectorTest {
  /** RabbitMQ 4.2.6 to 4.3.0 demand the permission to configure an exchange for its look-up. */
  @Test
  void anExchangeThatMayNotBeAskedForMayExist() throws Exception {
    var asked = new ExchangeInspector(closingWith(AMQP.ACCESS_REFUSED));
    assertThat(asked.exists("x")).isTrue();
  }

  @Test
  void anExchangeThatIsNotFoundDoesNotExist() throws Exception {
    var asked = new ExchangeInspector(closingWith(AMQP.NOT_FOUND));
    assertThat(asked.exists("x")).isFalse();
  }

  /** The client returns null if the connection has the highest number of channels already. */
  @Test
  void aConnectionWithoutAChannelLeftMakesTheEventWait() {
    var asked = new ExchangeInspector(proxy(Connection.class, (self, method, arguments) -> null));
    assertThatThrownBy(() -> asked.require("x"))
        .isInstanceOf(PublishException.Retryable.class)
        .hasMessageContaining("no channel left");
  }

  @Test
  void aConnectionWithoutAChannelLeftIsNotUsedForPublishing() {
    assertThatThrownBy(
            () -> ConfirmChannel.openChannel(proxy(Connection.class, (self, m, a) -> null)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no channel left");
  }

  private static Connection closingWith(int code) {
    var close = new AMQImpl.Channel.Close(code, "words", 40, 10);
    var channel =
        proxy(
            Channel.class,
            (self, method, arguments) -> {
              throw new IOException(new ShutdownSignalException(false, false, close, self));
            });
    return proxy(Connection.class, (self, method, arguments) -> channel);
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
