package io.outboxrelay.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs a RabbitMQ node that shares no files, ports or name service with other nodes of this
 * machine.
 */
final class RabbitProcess {
  /**
   * The script that starts a node. It starts Erlang's name service first, as a child process that
   * ends with the node's process group. Otherwise Erlang would start a name service that continues
   * after the node has ended.
   */
  private static final String START =
      """
      epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 &
      exec "$1"
      """;

  private final RabbitPrograms programs;
  private final TestWorkspace workspace;
  private final int port = FreePorts.free();
  private final int tlsPort = FreePorts.free();
  private final ServerCertificate certificate;
  private final Map<String, String> environment;

  private RabbitProcess(RabbitPrograms programs, TestWorkspace workspace) {
    this.programs = programs;
    this.workspace = workspace;
    this.environment = environment();
    this.certificate = ServerCertificate.create(workspace);
  }

  /**
   * @param major the major version; null for any version
   */
  static RabbitServer start(@Nullable Integer major, Map<String, String> settings) {
    var programs = RabbitPrograms.find(major);
    var workspace = TestWorkspace.create("rabbitmq");
    try {
      return new RabbitProcess(programs, workspace).run(settings);
    } catch (RuntimeException e) {
      workspace.close();
      throw e;
    }
  }

  private RabbitServer run(Map<String, String> settings) {
    configure(settings);
    var runner =
        new LocalRunner(
            new LocalRunner.Plan(
                programs.kind(),
                List.of("sh", "-c", START, "rabbitmq", program("rabbitmq-server")),
                environment,
                "TERM",
                "KILL"),
            workspace);
    runner.start();
    var endpoints = RabbitEndpoints.local(port, tlsPort, certificate.certificate());
    return new RabbitServer(runner, endpoints, this::control);
  }

  private void configure(Map<String, String> settings) {
    var lines = new HashMap<String, String>();
    lines.put("listeners.tcp.1", "127.0.0.1:" + port);
    lines.put("listeners.ssl.1", "127.0.0.1:" + tlsPort);
    lines.put("ssl_options.certfile", certificate.certificate().toString());
    lines.put("ssl_options.keyfile", certificate.key().toString());
    lines.put("log.file.level", "info");
    lines.put("vm_memory_high_watermark.absolute", "1GB");
    lines.put("disk_free_limit.absolute", "100MB");
    lines.putAll(settings);
    workspace.write(
        "rabbitmq.conf",
        lines.entrySet().stream()
            .map(line -> line.getKey() + " = " + line.getValue())
            .collect(Collectors.joining("\n", "", "\n")));
    workspace.write("enabled_plugins", "[].");
    workspace.write("env.conf", "");
    workspace.write(".erlang.cookie", UUID.randomUUID().toString());
  }

  private Map<String, String> environment() {
    var loopback = "-kernel inet_dist_use_interface {127,0,0,1}";
    var variables = new HashMap<String, String>();
    variables.put("HOME", workspace.directory().toString());
    variables.put("PATH", programs.path());
    variables.put("RABBITMQ_CONF_ENV_FILE", workspace.file("env.conf").toString());
    variables.put("RABBITMQ_CONFIG_FILE", workspace.file("rabbitmq.conf").toString());
    variables.put("RABBITMQ_ADVANCED_CONFIG_FILE", workspace.file("advanced.config").toString());
    variables.put("RABBITMQ_ENABLED_PLUGINS_FILE", workspace.file("enabled_plugins").toString());
    variables.put("RABBITMQ_MNESIA_BASE", workspace.file("mnesia").toString());
    variables.put("RABBITMQ_LOG_BASE", workspace.file("log").toString());
    variables.put("RABBITMQ_PID_FILE", workspace.file("pid").toString());
    variables.put("RABBITMQ_GENERATED_CONFIG_DIR", workspace.file("generated").toString());
    variables.put("RABBITMQ_SCHEMA_DIR", workspace.file("schema").toString());
    variables.put("RABBITMQ_NODENAME", "relaytest" + port + "@localhost");
    variables.put("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1");
    variables.put("RABBITMQ_NODE_PORT", Integer.toString(port));
    variables.put("RABBITMQ_DIST_PORT", Integer.toString(FreePorts.free()));
    variables.put("ERL_EPMD_PORT", Integer.toString(FreePorts.free()));
    variables.put("ERL_EPMD_ADDRESS", "127.0.0.1");
    // The options make idle schedulers sleep and not spin, because the tests need the processors.
    variables.put(
        "RABBITMQ_SERVER_ERL_ARGS", loopback + " +sbwt none +sbwtdcpu none +sbwtdio none");
    variables.put("RABBITMQ_CTL_ERL_ARGS", loopback);
    // The variable makes the start script replace itself by the node, so that signals reach the
    // node.
    variables.put("RUNNING_UNDER_SYSTEMD", "true");
    return Map.copyOf(variables);
  }

  private String control(List<String> arguments) {
    var command = new ArrayList<>(List.of(program("rabbitmqctl")));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).directory(workspace.directory().toFile());
    builder.environment().putAll(environment);
    return Executables.run(builder);
  }

  private String program(String name) {
    return programs.sbin().resolve(name).toString();
  }
}
