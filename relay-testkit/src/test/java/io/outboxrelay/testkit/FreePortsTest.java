package io.outboxrelay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FreePortsTest {
  /** With so many ports, about eight would be given twice without a reservation. */
  private static final int COUNT = 400;

  private static final String PREFIX = "ports ";

  @Test
  void givesAPortOnceWhileTheProcessThatAskedForItRuns() throws Exception {
    try (var other =
        JavaProcess.java(
                List.of("-cp", System.getProperty("java.class.path"), OtherProcess.class.getName()))
            .start()) {
      var line = other.awaitLine(PREFIX, Duration.ofSeconds(50));
      var theirs = line.substring(line.indexOf(PREFIX) + PREFIX.length()).split(" ");

      assertThat(ports())
          .doesNotHaveDuplicates()
          .doesNotContainAnyElementsOf(Arrays.asList(theirs));
    }
  }

  private static List<String> ports() {
    return IntStream.range(0, COUNT).mapToObj(i -> Integer.toString(FreePorts.free())).toList();
  }

  /** Prints the ports that it reserves, and runs until the test kills it. */
  static final class OtherProcess {
    private OtherProcess() {}

    @SuppressWarnings("SystemOut") // the test reads it
    public static void main(String[] args) throws InterruptedException {
      System.out.println(PREFIX + String.join(" ", ports()));
      new CountDownLatch(1).await();
    }
  }
}
