package io.outboxrelay.testkit;

import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;

/** Whether containers can be used: an engine runs, and on this machine. */
final class ContainerEngine {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerEngine.class);

  private ContainerEngine() {}

  /** Starts a server in a container, or as a process where that is not possible. */
  static <T> T orElse(Supplier<T> container, Supplier<T> process) {
    if (!available()) {
      return process.get();
    }
    try {
      return container.get();
    } catch (RuntimeException e) {
      LOG.warn("No container could be started, so a local process is; an image may be missing.", e);
      return process.get();
    }
  }

  static boolean available() {
    return Found.AVAILABLE;
  }

  private static final class Found {
    static final boolean AVAILABLE = find();

    // An engine elsewhere, or one whose socket is lent to a container that runs the tests,
    // publishes
    // no port on this loopback interface.
    private static boolean find() {
      try {
        var factory = DockerClientFactory.instance();
        return factory.isDockerAvailable() && isHere(factory.dockerHostIpAddress());
      } catch (RuntimeException e) {
        // Thrown, not answered, by an engine without a bridge network.
        LOG.info("The container engine cannot be used: {}", e.getMessage());
        return false;
      }
    }

    private static boolean isHere(String engine) {
      var here = Set.of("localhost", "127.0.0.1").contains(engine);
      if (!here) {
        LOG.info("The container engine is at {}, out of reach of this loopback interface.", engine);
      }
      return here;
    }
  }
}
