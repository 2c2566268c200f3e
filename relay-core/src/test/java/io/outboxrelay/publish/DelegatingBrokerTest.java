package io.outboxrelay.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DelegatingBrokerTest {
  /** A default method that is not passed on would replace the method of the broker. */
  @ParameterizedTest
  @ValueSource(classes = {DelegatingBroker.class, DelegatingPublisher.class})
  void passesOnEveryMethodOfWhatItStandsFor(Class<?> type) {
    var passedOn = Arrays.stream(type.getDeclaredMethods()).map(Method::getName).toList();
    var asked = type == DelegatingBroker.class ? Broker.class : Publisher.class;
    assertThat(passedOn)
        .containsAll(Arrays.stream(asked.getDeclaredMethods()).map(Method::getName).toList());
  }
}
