package io.outboxrelay.testkit;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.MountableFile;

/** Runs Kafka in a container of the official image. */
final class KafkaContainer {
  private static final String VERSION = "4.2.0";
  private static final String SETTINGS = "/tmp/server.properties";
  private static final String KEY_STORE = "/tmp/server.pem";

  /**
   * The script that starts the broker. It replaces the image's own script, which reads settings
   * only from environment variables and supports only some of them.
   */
  private static final String START =
      """
      cd /opt/kafka/bin
      ./kafka-storage.sh format --ignore-formatted --cluster-id "$1" --config "$2"
      exec ./kafka-server-start.sh "$2"
      """;

  private KafkaContainer() {}

  static KafkaServer start(
      Map<String, String> settings, boolean fast, KafkaProxyListeners detours) {
    var ports = KafkaPorts.free();
    var workspace = TestWorkspace.create("kafka");
    var certificate = ServerCertificate.create(workspace);
    // The port numbers inside and outside the container are equal, because the broker tells its
    // clients its own address.
    var properties = KafkaProperties.of("0.0.0.0", ports, KEY_STORE, fast);
    detours.addTo(properties, "0.0.0.0");
    properties.put("log.dirs", "/tmp/data");
    properties.putAll(settings);
    var file = workspace.write("server.properties", KafkaProperties.text(properties));
    var container =
        new GenericContainer<>("apache/kafka:" + VERSION)
            .withCopyFileToContainer(readable(file), SETTINGS)
            .withCopyFileToContainer(readable(certificate.both()), KEY_STORE)
            .withEnv("KAFKA_HEAP_OPTS", fast ? "-Xms1g -Xmx1g" : "-Xms128m -Xmx320m")
            .withCreateContainerCmdModifier(create -> create.withEntrypoint("bash", "-c", START))
            .withCommand("kafka", Uuid.randomUuid().toString(), SETTINGS);
    var bindings =
        Stream.concat(
                Stream.of(ports.plain(), ports.tls(), ports.password()), detours.ports().stream())
            .collect(Collectors.toMap(port -> port, port -> port));
    var runner = new ContainerRunner(container, bindings, workspace);
    runner.start();
    return new KafkaServer(
        runner, KafkaEndpoints.of(ports, certificate.certificate(), detours), "Kafka " + VERSION);
  }

  private static MountableFile readable(Path file) {
    return MountableFile.forHostPath(file, 0644);
  }
}
