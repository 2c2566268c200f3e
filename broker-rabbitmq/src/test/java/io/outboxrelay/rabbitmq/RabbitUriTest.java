package io.outboxrelay.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Address;
import io.outboxrelay.settings.Secret;
import org.junit.jupiter.api.Test;

class RabbitUriTest {
  @Test
  void everyPartIsRead() {
    var uri = RabbitUri.parse("amqps://relay:s3cret@rabbit.example:5680/orders");

    assertThat(uri.encrypted()).isTrue();
    assertThat(uri.addresses()).containsExactly(new Address("rabbit.example", 5680));
    assertThat(uri.username()).contains("relay");
    assertThat(uri.password()).contains(new Secret("s3cret"));
    assertThat(uri.virtualHost()).contains("orders");
  }

  @Test
  void onlyTheHostIsNeeded() {
    var uri = RabbitUri.parse("amqp://rabbit");

    assertThat(uri.encrypted()).isFalse();
    assertThat(uri.addresses()).containsExactly(new Address("rabbit", 5672));
    assertThat(uri.username()).isEmpty();
    assertThat(uri.password()).isEmpty();
    assertThat(uri.virtualHost()).isEmpty();
  }

  @Test
  void thePortOfAmqpsIsAnother() {
    assertThat(RabbitUri.parse("amqps://rabbit").addresses())
        .containsExactly(new Address("rabbit", 5671));
  }

  @Test
  void severalNodesMayBeNamed() {
    assertThat(RabbitUri.parse("amqp://one,two:5673,[::1]:5674").addresses())
        .containsExactly(
            new Address("one", 5672), new Address("two", 5673), new Address("[::1]", 5674));
  }

  @Test
  void namesArePercentDecoded() {
    var uri = RabbitUri.parse("amqp://re%40lay:a+b%2Fc@rabbit/%2Forders");

    assertThat(uri.username()).contains("re@lay");
    assertThat(uri.password()).contains(new Secret("a+b/c"));
    assertThat(uri.virtualHost()).contains("/orders");
  }

  @Test
  void aSlashAtTheEndNamesNoVirtualHost() {
    assertThat(RabbitUri.parse("amqp://rabbit/").virtualHost()).isEmpty();
  }

  @Test
  void mistakesAreReportedWithoutThePassword() {
    refuses("http://rabbit", "is not the address of a RabbitMQ");
    refuses("amqp://", "is not the address of a RabbitMQ");
    refuses("amqp://relay:hunter2@rabbit:port", "has a host that is not valid");
    refuses("amqp://relay:hunter2@rabbit:70000", "has the port 70000");
    refuses("amqp://relay:hunter2@one,,two", "has a host that is not valid");
    refuses("amqp://relay:hunter2%zz@rabbit", "has a % that is not followed");
    refuses("amqp://relay:hunter2@rabbit?heartbeat=5", "set rabbitmq.heartbeat");
  }

  private static void refuses(String uri, String message) {
    assertThatThrownBy(() -> RabbitUri.parse(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("hunter2");
  }
}
