package io.outboxrelay.testkit;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Changes the rights on topics of the user that logs in with a password. All other users have all
 * rights.
 */
final class KafkaAcls {
  /** Turns authorization on. A topic without rules is open to all users. */
  static final Map<String, String> SETTINGS =
      Map.of(
          "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
          "super.users", "User:ANONYMOUS",
          "allow.everyone.if.no.acl.found", "true");

  private static final Duration UNTIL_THEY_ARE_HEARD_OF = Duration.ofMillis(10);

  private final String bootstrap;
  private final String user;

  KafkaAcls(String bootstrap, String user) {
    this.bootstrap = bootstrap;
    this.user = user;
  }

  void allowOnlyToDescribe(String topic) {
    create(topic, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS);
  }

  void allowNothing(String topic) {
    create(topic);
  }

  /**
   * Adds rules that allow these operations on a topic. Always adds a rule that denies deleting,
   * because a topic without any rule is open to all users.
   */
  private void create(String topic, AclOperation... allowed) {
    var rules = new ArrayList<AclBinding>();
    rules.add(rule(topic, AclOperation.DELETE, AclPermissionType.DENY));
    for (var operation : allowed) {
      rules.add(rule(topic, operation, AclPermissionType.ALLOW));
    }
    try (var admin = admin()) {
      await(topic, admin.createAcls(rules).all());
      awaitInForce(admin, topic, rules);
    }
  }

  void allowEverything(String topic) {
    try (var admin = admin()) {
      await(topic, admin.deleteAcls(List.of(allOf(topic))).all());
      awaitInForce(admin, topic, List.of());
    }
  }

  /**
   * Waits until the broker applies the rules of a topic. The wait is needed because the controller
   * answers before that.
   */
  private static void awaitInForce(Admin admin, String topic, List<AclBinding> rules) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!Set.copyOf(await(topic, admin.describeAcls(allOf(topic)).values()))
        .equals(Set.copyOf(rules))) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("The broker does not apply the new rules for " + topic);
      }
      LockSupport.parkNanos(UNTIL_THEY_ARE_HEARD_OF.toNanos());
    }
  }

  private static AclBindingFilter allOf(String topic) {
    return new AclBindingFilter(pattern(topic).toFilter(), AccessControlEntryFilter.ANY);
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrap));
  }

  private AclBinding rule(String topic, AclOperation operation, AclPermissionType permission) {
    return new AclBinding(
        pattern(topic), new AccessControlEntry("User:" + user, "*", operation, permission));
  }

  private static ResourcePattern pattern(String topic) {
    return new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL);
  }

  private static <T> T await(String topic, KafkaFuture<T> change) {
    try {
      return change.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Could not change the rights on " + topic, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while changing rules", e);
    }
  }
}
