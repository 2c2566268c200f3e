package io.outboxrelay.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Publisher;
import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TracedBrokerTest {
  /** A default method that is not passed on would replace the method of the broker. */
  @ParameterizedTest
  @ValueSource(classes = {TracedBroker.class, TracedPublisher.class})
  void passesOnEveryMethodOfWhatItStandsFor(Class<?> type) {
    var passedOn = Arrays.stream(type.getDeclaredMethods()).map(Method::getName).toList();
    var asked = type == TracedBroker.class ? Broker.class : Publisher.class;
    assertThat(passedOn)
        .containsAll(Arrays.stream(asked.getDeclaredMethods()).map(Method::getName).toList());
  }
}
