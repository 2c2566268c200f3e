package io.outboxrelay.testkit;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.AppInfoParser;

/**
 * Runs Kafka in a JVM of its own, with the class path of this JVM, which contains the broker's
 * Maven artifact.
 */
final class KafkaProcess {
  private static final String LOGGING =
      """
      <configuration>
        <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%d %-5level %logger{30} - %msg%n</pattern></encoder>
        </appender>
        <root level="warn"><appender-ref ref="out"/></root>
      </configuration>
      """;

  private KafkaProcess() {}

  static KafkaServer start(
      Map<String, String> settings, boolean fast, KafkaProxyListeners detours) {
    var workspace = TestWorkspace.create("kafka");
    try {
      return start(settings, fast, detours, workspace);
    } catch (RuntimeException e) {
      workspace.close();
      throw e;
    }
  }

  /** Starts a second broker in the cluster of another broker, which stays the controller. */
  static KafkaServer join(KafkaPorts controller, String clusterId) {
    var workspace = TestWorkspace.create("kafka");
    try {
      return join(controller, clusterId, workspace);
    } catch (RuntimeException e) {
      workspace.close();
      throw e;
    }
  }

  private static KafkaServer join(
      KafkaPorts controller, String clusterId, TestWorkspace workspace) {
    var ports = KafkaPorts.free();
    var certificate = ServerCertificate.create(workspace);
    var properties = KafkaProperties.of("127.0.0.1", ports, certificate.both().toString(), false);
    properties.put("log.dirs", workspace.file("data").toString());
    KafkaProperties.join(properties, controller);
    return run(
        workspace,
        new Storage(properties, clusterId),
        false,
        KafkaEndpoints.of(ports, certificate.certificate(), KafkaProxyListeners.none()));
  }

  private static KafkaServer start(
      Map<String, String> settings,
      boolean fast,
      KafkaProxyListeners detours,
      TestWorkspace workspace) {
    var ports = KafkaPorts.free();
    var certificate = ServerCertificate.create(workspace);
    var properties = KafkaProperties.of("127.0.0.1", ports, certificate.both().toString(), fast);
    detours.addTo(properties, "127.0.0.1");
    properties.put("log.dirs", workspace.file("data").toString());
    properties.putAll(settings);
    return run(
        workspace,
        new Storage(properties, Uuid.randomUuid().toString()),
        fast,
        KafkaEndpoints.of(ports, certificate.certificate(), detours));
  }

  /**
   * The input of Kafka's command {@code format}, which must run before the broker starts.
   *
   * @param properties the settings of the broker, which include its data folder
   */
  private record Storage(Map<String, String> properties, String clusterId) {}

  private static KafkaServer run(
      TestWorkspace workspace, Storage storage, boolean fast, KafkaEndpoints endpoints) {
    var file = workspace.write("server.properties", KafkaProperties.text(storage.properties()));
    workspace.write("logback.xml", LOGGING);
    Executables.run(format(file, storage.clusterId(), workspace));
    var runner =
        new LocalRunner(
            new LocalRunner.Plan(
                "a local process from Maven artifacts",
                java(fast, workspace, List.of("kafka.Kafka", file.toString())),
                Map.of(),
                "TERM",
                "KILL"),
            workspace);
    runner.start();
    return new KafkaServer(runner, endpoints, "Kafka " + AppInfoParser.getVersion());
  }

  private static List<String> format(Path properties, String clusterId, TestWorkspace workspace) {
    return java(
        false,
        workspace,
        List.of(
            "kafka.tools.StorageTool",
            "format",
            "--cluster-id",
            clusterId,
            "--config",
            properties.toString()));
  }

  private static List<String> java(boolean fast, TestWorkspace workspace, List<String> program) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        fast
            ? List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC")
            : List.of("-Xms128m", "-Xmx320m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    // The broker has the class path of the test, and therefore the test's logging library.
    command.add("-Dlogback.configurationFile=" + workspace.file("logback.xml"));
    command.add("-Dlog4j2.disable.jmx=true");
    command.addAll(List.of("-cp", classPath()));
    command.addAll(program);
    return command;
  }

  private static String classPath() {
    // The paths are made absolute, because the broker runs in another directory.
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
