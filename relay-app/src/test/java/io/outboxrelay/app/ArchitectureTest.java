package io.outboxrelay.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Date;
import java.util.Set;

@AnalyzeClasses(packages = "io.outboxrelay", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] BROKER_MODULES = {
    "io.outboxrelay.kafka..", "io.outboxrelay.rabbitmq.."
  };

  private static final Set<String> MICROMETER_READERS =
      Set.of("count", "value", "measure", "totalTime", "mean", "max", "takeSnapshot");

  @ArchTest
  static final ArchRule onlyBrokerModulesKnowABroker =
      noClasses()
          .that()
          .resideOutsideOfPackages(BROKER_MODULES)
          .and()
          .resideOutsideOfPackages("io.outboxrelay.testkit..", "io.outboxrelay.debeziumformat..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.outboxrelay.kafka..",
              "io.outboxrelay.rabbitmq..",
              "org.apache.kafka..",
              "io.vertx.kafka..",
              "com.rabbitmq..",
              "io.vertx.rabbitmq..");

  /**
   * Debezium's messages are written by Kafka Connect's converter, so that their bytes are the same.
   * That needs Connect's data types and no client of Kafka.
   */
  @ArchTest
  static final ArchRule debeziumsFormatUsesOnlyTheDataTypesOfConnect =
      noClasses()
          .that()
          .resideInAPackage("io.outboxrelay.debeziumformat..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.outboxrelay.kafka..",
              "io.outboxrelay.rabbitmq..",
              "org.apache.kafka.clients..",
              "org.apache.kafka.common..",
              "io.vertx.kafka..",
              "com.rabbitmq..");

  @ArchTest static final ArchRule kafkaSeesOnlyTheSpi = seesOnlyTheSpi("io.outboxrelay.kafka..");

  @ArchTest
  static final ArchRule rabbitmqSeesOnlyTheSpi = seesOnlyTheSpi("io.outboxrelay.rabbitmq..");

  @ArchTest
  static final ArchRule packagesFormNoCycles =
      slices().matching("io.outboxrelay.(*)..").should().beFreeOfCycles();

  /**
   * A relay decides by elapsed time and never by the time of day, because the clocks of relays and
   * database can differ.
   */
  @ArchTest
  static final ArchRule nothingThatPublishesAsksWhatTimeItIs =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.outboxrelay.relay..",
              "io.outboxrelay.leadership..",
              "io.outboxrelay.membership..",
              "io.outboxrelay.pipeline..",
              "io.outboxrelay.failure..",
              "io.outboxrelay.lifecycle..",
              "io.outboxrelay.window..",
              "io.outboxrelay.dispatch..",
              "io.outboxrelay.deadletter..",
              "io.outboxrelay.doorbell..",
              "io.outboxrelay.poison..",
              "io.outboxrelay.outbox..",
              "io.outboxrelay.kafka..",
              "io.outboxrelay.rabbitmq..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callConstructor(Date.class)
          .orShould()
          .callMethodWhere(
              JavaCall.Predicates.target(HasName.Predicates.name("now"))
                  .and(
                      JavaCall.Predicates.target(
                          HasOwner.Predicates.With.owner(
                              JavaClass.Predicates.resideInAPackage("java.time..")))));

  /**
   * The relay decides by the state in package health, which the metrics show too. So a wrong or
   * missing metric has no effect on the relay. The API may read metrics, because it shows them.
   */
  @ArchTest
  static final ArchRule nothingIsDecidedFromMetrics =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.outboxrelay.metrics..", "io.outboxrelay.admin..", "io.outboxrelay.json..")
          .should()
          .callMethodWhere(JavaCall.Predicates.target(readsAMetric()))
          .as("only package metrics and the API read the value of a metric");

  /** Matches methods of package metrics that return a plain value, and Micrometer's own readers. */
  private static DescribedPredicate<AccessTarget> readsAMetric() {
    return DescribedPredicate.describe(
        "read the value of a metric",
        target -> {
          var owner = target.getOwner();
          if (owner.getPackageName().startsWith("io.outboxrelay.metrics")) {
            return target instanceof AccessTarget.MethodCallTarget method
                && !method.getName().equals("toString")
                && isAValue(method.getRawReturnType());
          }
          return owner.getPackageName().startsWith("io.micrometer.core")
              && MICROMETER_READERS.contains(target.getName());
        });
  }

  /** ArchUnit places primitive types, and void, in package java.lang. */
  private static boolean isAValue(JavaClass type) {
    return !type.isEquivalentTo(void.class)
        && (type.getPackageName().startsWith("java.")
            || (type.getPackageName().startsWith("io.outboxrelay.metrics") && type.isRecord()));
  }

  private static ArchRule seesOnlyTheSpi(String module) {
    return noClasses()
        .that()
        .resideInAPackage(module)
        .should()
        .dependOnClassesThat(oursBesideTheSpiAnd(module));
  }

  private static DescribedPredicate<JavaClass> oursBesideTheSpiAnd(String module) {
    return JavaClass.Predicates.resideInAPackage("io.outboxrelay..")
        .and(
            JavaClass.Predicates.resideOutsideOfPackages(
                "io.outboxrelay.publish..",
                "io.outboxrelay.settings..",
                "io.outboxrelay.format..",
                "io.outboxrelay.messageformat..",
                "io.outboxrelay.debeziumformat..",
                module));
  }
}
