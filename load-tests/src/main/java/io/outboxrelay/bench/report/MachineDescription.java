package io.outboxrelay.bench.report;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Describes the machine on which the figures were measured, because they depend on it. */
public final class MachineDescription {
  private static final int SYNCS = 200;
  private static final int BLOCK = 8192;

  private final Map<String, Object> facts = new LinkedHashMap<>();

  private MachineDescription() {}

  /** Describes this machine with the versions of the services, and measures its disk. */
  public static MachineDescription with(Map<String, String> versions) throws IOException {
    var machine = new MachineDescription();
    machine.facts.put("cores", Runtime.getRuntime().availableProcessors());
    machine.facts.put("processor", processor());
    machine.facts.put(
        "system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.facts.put(
        "java", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
    machine.facts.putAll(versions);
    machine.facts.put("fsync of 8 KiB, median, ms", Math.round(sync() / 1e4) / 100.0);
    return machine;
  }

  JsonObject json() {
    return new JsonObject(facts);
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    facts.forEach((name, fact) -> text.append("%s: %s%n".formatted(name, fact)));
    return text.toString();
  }

  private static String processor() throws IOException {
    var file = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(file)) {
      return System.getProperty("os.arch");
    }
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }

  /**
   * Returns the median time in nanoseconds of a durable write in the temporary folder, in which the
   * services keep their files too.
   */
  private static double sync() throws IOException {
    var file = Files.createTempFile("outbox-relay-fsync", "");
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      var nanos = new long[SYNCS];
      // Written before the measurement, so that the length of the file does not change, like
      // PostgreSQL's WAL.
      channel.write(ByteBuffer.allocate(BLOCK * SYNCS));
      channel.force(true);
      for (int i = 0; i < SYNCS; i++) {
        long began = System.nanoTime();
        channel.write(ByteBuffer.allocate(BLOCK), (long) i * BLOCK);
        channel.force(false);
        nanos[i] = System.nanoTime() - began;
      }
      Arrays.sort(nanos);
      return nanos[SYNCS / 2];
    } finally {
      Files.delete(file);
    }
  }
}
