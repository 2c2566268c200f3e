package io.outboxrelay.connect;

import io.outboxrelay.settings.Settings;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Recommender;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.jspecify.annotations.Nullable;

/**
 * The definition of the settings for Connect, with documentation, groups and recommended values.
 *
 * <p>The definition declares every value as a text for Connect, because {@link ConnectorConfig}
 * parses the values, as the relay does.
 */
final class ConnectorConfigDef {
  static final String URI = "database.uri";
  static final String TABLE = "outbox.table";
  static final String TOPIC = "${aggregate_type}.events";

  private static final String DATABASE = "Database";
  private static final String OUTBOX = "Outbox";
  private static final String RECORDS = "Records";
  private static final String READING = "Reading";

  /** The prefix of PostgreSQL's run-time parameters for the database sessions. */
  private static final String PROPERTIES = "database.properties.";

  private static final List<String> SECTIONS =
      List.of("database.", "outbox.", "kafka.", "record.", "relay.");

  private final ConfigDef definition = new ConfigDef();
  private int order;

  private ConnectorConfigDef() {}

  static ConfigDef create() {
    var all = new ConnectorConfigDef();
    all.database();
    all.outbox();
    all.records();
    all.reading();
    return all.definition;
  }

  private static final class Known {
    static final Set<String> NAMES = create().names();
  }

  /**
   * Returns true if the name begins with one of the connector's sections, even if the rest is
   * misspelt; other names are taken for Connect's own.
   */
  static boolean isOurs(String name) {
    return SECTIONS.stream().anyMatch(name::startsWith);
  }

  /**
   * Records a mistake for each given setting that the connector does not have, even if the relay
   * has a setting of that name.
   */
  static void refuseOthers(Collection<String> given, Settings settings) {
    given.stream()
        .filter(name -> !Known.NAMES.contains(name) && !name.startsWith(PROPERTIES))
        .forEach(name -> settings.require(false, name, "is not a setting of the connector"));
  }

  private void database() {
    definition.define(
        URI,
        ConfigDef.Type.STRING,
        ConfigDef.NO_DEFAULT_VALUE,
        Importance.HIGH,
        "The database of the outbox, such as postgresql://relay@db:5432/app. It may name several"
            + " servers, of which the one that accepts writes is used.",
        DATABASE,
        ++order,
        Width.LONG,
        URI);
    definition.define(
        "database.password",
        ConfigDef.Type.PASSWORD,
        null,
        Importance.HIGH,
        "The password of the role in database.uri. A config provider of the worker keeps it out of"
            + " the connector's configuration.",
        DATABASE,
        ++order,
        Width.MEDIUM,
        "database.password");
    optional(
        DATABASE,
        "database.password-file",
        Importance.LOW,
        "A file on the workers that holds the password; it is read again for each connection.");
    choice(
        DATABASE,
        "database.tls.mode",
        "prefer",
        "The encryption of the connection; the values are those of PostgreSQL's sslmode.",
        "disable",
        "allow",
        "prefer",
        "require",
        "verify-ca",
        "verify-full");
    optional(
        DATABASE,
        "database.tls.ca",
        Importance.MEDIUM,
        "A PEM file on the workers with the certificate authorities to trust.");
    optional(
        DATABASE,
        "database.tls.certificate",
        Importance.LOW,
        "A PEM file on the workers with the client's certificate.");
    optional(
        DATABASE,
        "database.tls.key",
        Importance.LOW,
        "A PEM file on the workers with the key of the client's certificate.");
    text(
        DATABASE,
        "database.connect-timeout",
        "10s",
        Importance.LOW,
        "How long opening a connection may take.");
  }

  private void outbox() {
    text(OUTBOX, "outbox.schema", "public", Importance.HIGH, "The schema of the outbox.");
    text(OUTBOX, TABLE, "outbox", Importance.HIGH, "The table of the outbox.");
    text(
        OUTBOX,
        "outbox.retention",
        "24h",
        Importance.MEDIUM,
        "How long an event is kept in the outbox after its transaction began; only events that"
            + " Kafka has confirmed are deleted.");
    text(
        OUTBOX,
        "outbox.clean-up-interval",
        "10s",
        Importance.LOW,
        "How often expired events are looked for.");
  }

  private void records() {
    text(
        RECORDS,
        "kafka.topic",
        TOPIC,
        Importance.HIGH,
        "The topic of an event, with placeholders for its columns and headers, such as"
            + " ${aggregate_type}, ${event_type} and ${headers.tenant}.");
    optional(
        RECORDS,
        "kafka.topic-header",
        Importance.LOW,
        "The header of an event that names its topic, in place of kafka.topic.");
    optional(
        RECORDS,
        "kafka.content-type",
        Importance.LOW,
        "The header content-type of every record; by default the type of the payload column"
            + " decides.");
    choice(
        RECORDS,
        "kafka.timestamp",
        "event",
        "The time of a record: when the event was written, or when it is sent.",
        "event",
        "publish");
    choice(
        RECORDS,
        "record.key-format",
        "string",
        "The type of the key, the aggregate id: string for StringConverter, bytes for"
            + " ByteArrayConverter.",
        "string",
        "bytes");
    choice(
        RECORDS,
        "record.value-format",
        "bytes",
        "The type of the value, the payload: bytes for ByteArrayConverter, string for"
            + " StringConverter.",
        "bytes",
        "string");
  }

  private void reading() {
    text(READING, "relay.page-size", "1000", Importance.MEDIUM, "The most events of a page.");
    text(
        READING,
        "relay.page-bytes",
        "4MiB",
        Importance.MEDIUM,
        "The approximate size of a page; one event may be larger. A task holds two pages.");
    text(
        READING,
        "relay.max-event-size",
        "32MiB",
        Importance.LOW,
        "The largest payload, and the largest headers, of an event; the task fails at larger ones.");
    choice(
        READING,
        "relay.wakeup",
        "doorbell",
        "How new events are noticed: by NOTIFY, or by polling if LISTEN does not work, for example"
            + " behind a pooler.",
        "doorbell",
        "poll");
    text(
        READING,
        "relay.poll-interval",
        "100ms",
        Importance.LOW,
        "The time between looks if the doorbell does not work.");
    text(
        READING,
        "relay.fallback-interval",
        "5s",
        Importance.LOW,
        "The time between looks while the task waits for the doorbell, in case a ring is lost.");
    text(
        READING,
        "relay.latency-target",
        "3ms",
        Importance.LOW,
        "The longest time that a committed event waits for a look while events are frequent.");
    optional(
        READING,
        "relay.latency-limit",
        Importance.LOW,
        "The longest such time if the machine is full; 40ms, or relay.latency-target if that is"
            + " longer.");
    text(
        READING,
        "relay.answer-timeout",
        "10s",
        Importance.LOW,
        "The silence of the database after which a task opens new connections.");
    text(
        READING,
        "relay.lease-timeout",
        "20s",
        Importance.LOW,
        "The silence of a task after which the database releases its shard. A task waits for its"
            + " shard one and a half times as long, and then fails.");
  }

  private void text(
      String group,
      String name,
      @Nullable String orElse,
      Importance importance,
      String documentation) {
    definition.define(
        name,
        ConfigDef.Type.STRING,
        orElse,
        importance,
        documentation,
        group,
        ++order,
        Width.MEDIUM,
        name);
  }

  private void optional(String group, String name, Importance importance, String documentation) {
    text(group, name, null, importance, documentation);
  }

  private void choice(
      String group, String name, String orElse, String documentation, String... values) {
    definition.define(
        name,
        ConfigDef.Type.STRING,
        orElse,
        Importance.MEDIUM,
        documentation + " One of " + Stream.of(values).collect(Collectors.joining(", ")) + ".",
        group,
        ++order,
        Width.SHORT,
        name,
        new Choice(List.of(values)));
  }

  /**
   * Recommends the allowed values of a setting. {@link ConnectorConfig} verifies the value that is
   * given.
   */
  private record Choice(List<String> values) implements Recommender {
    @Override
    public List<Object> validValues(String name, Map<String, Object> parsed) {
      return List.copyOf(values);
    }

    @Override
    public boolean visible(String name, Map<String, Object> parsed) {
      return true;
    }
  }
}
