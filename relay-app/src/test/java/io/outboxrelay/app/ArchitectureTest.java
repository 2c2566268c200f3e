package io.outboxrelay.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

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
