package io.outboxrelay.testkit;

import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;

/**
 * Decides if a server is started in a container or as a local process. A container is used if a
 * container engine runs on this machine.
 */
final class ContainerEngine {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerEngine.class);

  private ContainerEngine() {}

  /** Starts a server in a container, or as a local process if no container can be started. */
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

    // Returns true if an engine runs on this machine. Another engine cannot be used, because the
    // test kit reaches containers through ports of the loopback interface. An engine on another
    // machine, or one that is used from inside a container through a shared socket, does not
    // publish its ports there.
    private static boolean find() {
      try {
        var factory = DockerClientFactory.instance();
        return factory.isDockerAvailable() && isHere(factory.dockerHostIpAddress());
      } catch (RuntimeException e) {
        // An engine without a bridge network throws instead of returning false.
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
