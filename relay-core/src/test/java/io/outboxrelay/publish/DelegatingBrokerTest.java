package io.outboxrelay.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DelegatingBrokerTest {
  /** If a method with a default were not passed on, the default would hide the broker's method. */
  @ParameterizedTest
  @ValueSource(classes = {DelegatingBroker.class, DelegatingPublisher.class})
  void passesOnEveryMethodOfWhatItStandsFor(Class<?> type) {
    var passedOn = Arrays.stream(type.getDeclaredMethods()).map(Method::getName).toList();
    var asked = type == DelegatingBroker.class ? Broker.class : Publisher.class;
    assertThat(passedOn)
        .containsAll(Arrays.stream(asked.getDeclaredMethods()).map(Method::getName).toList());
  }
}
