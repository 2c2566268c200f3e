package io.outboxrelay.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The lines that a process writes. One thread for each of its streams reads them. This class is
 * thread-safe.
 */
final class ProcessOutput {
  /**
   * The number of lines that are kept, from the first one. A process that runs for hours writes
   * more; its first lines tell how it started.
   */
  private static final int LINES_KEPT = 20_000;

  private final List<Line> lines = new ArrayList<>();
  private final List<Thread> readers;
  private final Consumer<String> listener;
  private final Writer log;
  private int streamsOpen = 2;

  private record Line(boolean error, String text) {}

  /**
   * Starts reading.
   *
   * @param listener gets each line, on the thread that has read it
   * @param log gets each line, and is closed at the end of the output
   */
  ProcessOutput(Process process, Consumer<String> listener, Writer log) {
    this.listener = listener;
    this.log = log;
    this.readers =
        List.of(
            reader(process.inputReader(StandardCharsets.UTF_8), false),
            reader(process.errorReader(StandardCharsets.UTF_8), true));
    readers.forEach(Thread::start);
  }

  private Thread reader(BufferedReader stream, boolean error) {
    var reader = new Thread(() -> readToEnd(stream, error), "process-output");
    reader.setDaemon(true);
    return reader;
  }

  private void readToEnd(BufferedReader stream, boolean error) {
    try (stream) {
      for (var line = stream.readLine(); line != null; line = stream.readLine()) {
        listener.accept(line);
        add(new Line(error, line));
      }
      end();
    } catch (IOException e) {
      // The stream is closed here, so that the process cannot block because of a full pipe.
      fail(e);
    }
  }

  private synchronized void add(Line line) throws IOException {
    log.write(line.text + "\n");
    log.flush();
    if (lines.size() < LINES_KEPT) {
      lines.add(line);
      notifyAll();
    }
  }

  private synchronized void end() throws IOException {
    streamsOpen--;
    notifyAll();
    if (streamsOpen == 0) {
      log.close();
    }
  }

  private synchronized void fail(IOException failure) {
    lines.add(new Line(true, "The output could not be read or copied: " + failure));
    streamsOpen--;
    notifyAll();
  }

  /**
   * Waits for a line with this text. Returns an empty value if all streams have ended without such
   * a line, or if it was not written within {@code limit}.
   */
  synchronized Optional<String> await(String text, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    var line = find(text);
    for (long left = limit.toNanos();
        line == null && streamsOpen > 0 && left > 0;
        left = deadline - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      line = find(text);
    }
    return Optional.ofNullable(line);
  }

  private @Nullable String find(String text) {
    for (var line : lines) {
      if (line.text.contains(text)) {
        return line.text;
      }
    }
    return null;
  }

  /** Returns true if the process has closed its streams, as it does when it ends. */
  synchronized boolean ended() {
    return streamsOpen == 0;
  }

  /** Returns when all streams have been read to their end. */
  void awaitEnd() throws InterruptedException {
    for (var reader : readers) {
      reader.join();
    }
  }

  /** Returns the lines of standard output, or those of standard error. */
  synchronized String text(boolean error) {
    var text = new StringBuilder();
    for (var line : lines) {
      if (line.error == error) {
        text.append(text.isEmpty() ? "" : "\n").append(line.text);
      }
    }
    return text.toString();
  }
}
