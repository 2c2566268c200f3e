package io.outboxrelay.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.OutputFrame;

/** A server in a container; its port on the loopback interface stays the same after a restart. */
final class ContainerRunner implements ServerRunner {
  private static final int STOP_SECONDS = 60;

  private final GenericContainer<?> container;
  private final TestWorkspace workspace;
  private boolean closed;

  /**
   * @param container the container, configured but not started
   * @param bindings the port of the container for each published port of the loopback interface
   * @param workspace the directory with files for the container, which is deleted when the
   *     container is closed
   */
  ContainerRunner(
      GenericContainer<?> container, Map<Integer, Integer> bindings, TestWorkspace workspace) {
    container.setPortBindings(
        bindings.entrySet().stream()
            .map(port -> "127.0.0.1:%d:%d/tcp".formatted(port.getKey(), port.getValue()))
            .toList());
    this.container = container;
    this.workspace = workspace;
  }

  @Override
  public String kind() {
    return "a container of image " + container.getDockerImageName();
  }

  @Override
  public boolean controllable() {
    return true;
  }

  @Override
  public void start() {
    if (container.getContainerId() == null) {
      container.start();
    } else {
      docker().startContainerCmd(container.getContainerId()).exec();
    }
  }

  @Override
  public void kill() {
    docker().killContainerCmd(container.getContainerId()).exec();
  }

  @Override
  public void stop() {
    resume();
    docker().stopContainerCmd(container.getContainerId()).withTimeout(STOP_SECONDS).exec();
  }

  @Override
  public void pause() {
    docker().pauseContainerCmd(container.getContainerId()).exec();
  }

  @Override
  public void resume() {
    if (Boolean.TRUE.equals(state().getPaused())) {
      docker().unpauseContainerCmd(container.getContainerId()).exec();
    }
  }

  @Override
  public boolean endedWithin(Duration patience) {
    return !Boolean.TRUE.equals(state().getRunning())
        || (!patience.isZero() && endsWithin(patience));
  }

  private boolean endsWithin(Duration patience) {
    try {
      var ended = docker().waitContainerCmd(container.getContainerId()).start();
      return ended.awaitCompletion(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public String log() {
    return container.getLogs(OutputFrame.OutputType.STDOUT, OutputFrame.OutputType.STDERR);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      container.stop();
      workspace.close();
    }
  }

  private ContainerState state() {
    return Objects.requireNonNull(
        docker().inspectContainerCmd(container.getContainerId()).exec().getState());
  }

  private DockerClient docker() {
    return container.getDockerClient();
  }
}
