package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.health.SecondaryParts;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.tracing.TracingSetup;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** If tracing cannot be started, the relay publishes, and health and status report it. */
class TracingStartTest {
  private static final Broker BROKER =
      (Broker)
          Proxy.newProxyInstance(
              Broker.class.getClassLoader(),
              new Class<?>[] {Broker.class},
              (proxy, method, arguments) -> {
                throw new UnsupportedOperationException(method.getName());
              });

  @Test
  void aFailureAtTheStartIsReportedAndTheBrokerIsUsedUntraced() {
    for (Throwable failure :
        new Throwable[] {
          new IllegalStateException("no file system"), new NoClassDefFoundError("Exporter")
        }) {
      try (var tracing = TracingStart.of(() -> failing(failure))) {
        var parts = new SecondaryParts();
        tracing.tell(parts);
        assertThat(tracing.follow(BROKER)).isSameAs(BROKER);
        assertThat(parts.clauses())
            .containsExactly("tracing does not run: " + failure.getMessage());
        assertThat(parts.parts())
            .singleElement()
            .satisfies(part -> assertThat(part.needed()).isFalse());
      }
    }
  }

  private static TracingSetup failing(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }
}
