package io.outboxrelay.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Date;

@AnalyzeClasses(packages = "io.outboxrelay", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] BROKER_MODULES = {
    "io.outboxrelay.kafka..", "io.outboxrelay.rabbitmq.."
  };

  @ArchTest
  static final ArchRule onlyBrokerModulesKnowABroker =
      noClasses()
          .that()
          .resideOutsideOfPackages(BROKER_MODULES)
          .and()
          .resideOutsideOfPackage("io.outboxrelay.testkit..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.outboxrelay.kafka..",
              "io.outboxrelay.rabbitmq..",
              "org.apache.kafka..",
              "io.vertx.kafka..",
              "com.rabbitmq..",
              "io.vertx.rabbitmq..");

  @ArchTest static final ArchRule kafkaSeesOnlyTheSpi = seesOnlyTheSpi("io.outboxrelay.kafka..");

  @ArchTest
  static final ArchRule rabbitmqSeesOnlyTheSpi = seesOnlyTheSpi("io.outboxrelay.rabbitmq..");

  @ArchTest
  static final ArchRule packagesFormNoCycles =
      slices().matching("io.outboxrelay.(*)..").should().beFreeOfCycles();

  /**
   * Clocks of relays and database differ: what a relay does depends on how long ago, never on when.
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
              "io.outboxrelay.crashloop..",
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
                "io.outboxrelay.publish..", "io.outboxrelay.settings..", module));
  }
}
