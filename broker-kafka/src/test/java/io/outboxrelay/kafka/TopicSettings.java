package io.outboxrelay.kafka;

import io.outboxrelay.testkit.KafkaServer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/** Changes the settings of a topic that exists, as an operator does. */
final class TopicSettings {
  private TopicSettings() {}

  static void set(KafkaServer kafka, String topic, String setting, String value) throws Exception {
    alter(kafka, topic, new AlterConfigOp(new ConfigEntry(setting, value), OpType.SET));
  }

  static void reset(KafkaServer kafka, String topic, String setting) throws Exception {
    alter(kafka, topic, new AlterConfigOp(new ConfigEntry(setting, ""), OpType.DELETE));
  }

  private static void alter(KafkaServer kafka, String topic, AlterConfigOp change)
      throws Exception {
    try (var admin = Admin.create(kafka.settings())) {
      admin
          .incrementalAlterConfigs(
              Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(change)))
          .all()
          .get();
    }
  }
}
