package io.outboxrelay.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.rabbitmq.DeniedAddresses.Address;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeniedAddressesTest {
  private long now;
  private final DeniedAddresses denied = new DeniedAddresses(() -> now);

  @Test
  void theBrokersWordsNameTheExchange() {
    assertThat(named("ACCESS_REFUSED - access to exchange 'a.b' in vhost '/' refused for user 'u'"))
        .contains(new Address("a.b", Optional.empty()));
    assertThat(
            named(
                "ACCESS_REFUSED - write access to exchange 'x' in vhost 'v' refused for user 'u'"))
        .contains(new Address("x", Optional.empty()));
  }

  @Test
  void theDefaultExchangeHasAnEmptyName() {
    assertThat(
            named(
                "ACCESS_REFUSED - access to exchange 'amq.default' in vhost '/' refused for user"
                    + " 'u'"))
        .contains(new Address("", Optional.empty()));
  }

  @Test
  void theBrokersWordsNameTheRoutingKey() {
    assertThat(
            named(
                "ACCESS_REFUSED - write access to topic 'k' in exchange 'x' in vhost '/' refused"
                    + " for user 'u'"))
        .contains(new Address("x", Optional.of("k")));
  }

  @Test
  void anInternalExchangeIsNoMatterOfPermissions() {
    assertThat(
            DeniedAddresses.isMissingPermission(
                "ACCESS_REFUSED - cannot publish to internal exchange 'x' in vhost '/'"))
        .isFalse();
  }

  @Test
  void oneIsTriedAtATime() {
    assertThat(denied.beginTry()).isTrue();
    now += 1_000_000_000;
    assertThat(denied.beginTry()).isFalse();
    denied.tried();
    assertThat(denied.beginTry()).isTrue();
    denied.tried();
    assertThat(denied.beginTry()).as("at once").isFalse();
  }

  @Test
  void noMoreThanAThousandAreRemembered() {
    for (int i = 0; i < 5_000; i++) {
      denied.add(new Address("x", Optional.of("k" + i)), "refused");
    }
    assertThat(denied.words("x", "k0")).isEmpty();
    assertThat(denied.words("x", "k4999")).contains("refused");
    for (int i = 4_000; i < 5_000; i++) {
      denied.remove("x", "k" + i);
    }
    assertThat(denied.areNone()).isTrue();
  }

  private static Optional<Address> named(String words) {
    return DeniedAddresses.named(words);
  }
}
