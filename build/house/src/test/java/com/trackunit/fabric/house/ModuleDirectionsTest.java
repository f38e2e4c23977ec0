// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.trackunit.fabric.core.FabricException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may use whom, and which third-party packages each library module may touch. */
class ModuleDirectionsTest {
  private static final String FABRIC = "com.trackunit.fabric.";

  /** What every module may use: the JDK, null annotations, the logging facade. */
  private static final List<String> COMMON = List.of("java..", "org.jspecify..", "org.slf4j..");

  private static final JavaClasses LIBRARIES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("com.trackunit.fabric");

  record Module(String name, List<String> mayUse) {
    String packages() {
      return FABRIC + name + "..";
    }

    static Module of(String name, String... mayUse) {
      return new Module(name, List.of(mayUse));
    }
  }

  /** One line a module: our modules first, third parties after them. */
  static Stream<Module> modules() {
    return Stream.of(
        Module.of("core", "com.sun.net.httpserver..", "io.micrometer.."),
        Module.of("auth", fabric("core"), "okhttp3..", "okio..", "io.micrometer.."),
        Module.of(
            "messaging",
            fabric("core"),
            "com.rabbitmq.client..",
            "javax.net..",
            "com.fasterxml..",
            "io.micrometer.."),
        Module.of(
            "ingestion",
            fabric("core"),
            "okhttp3..",
            "okio..",
            "javax.net..",
            "com.fasterxml..",
            "io.github.resilience4j..",
            "io.micrometer.."),
        Module.of(
            "bridge",
            fabric("core"),
            fabric("messaging"),
            "com.rabbitmq.client..",
            "org.apache.kafka..",
            "io.micrometer.."),
        Module.of(
            "testkit.brokers",
            fabric("core"),
            "org.junit.jupiter.api..",
            "org.apache.kafka..",
            "com.rabbitmq.client..",
            "ch.qos.logback.."),
        Module.of(
            "testkit.entra",
            fabric("core"),
            "com.nimbusds..",
            "okhttp3.tls..",
            "com.sun.net.httpserver..",
            "javax.net..",
            "javax.crypto..",
            "com.fasterxml.."),
        Module.of(
            "portforward",
            fabric("core"),
            "io.fabric8.kubernetes.api.model..",
            "io.fabric8.kubernetes.client..",
            "io.micrometer.."),
        Module.of(
            "testkit.kubernetes",
            fabric("core"),
            "okhttp3.tls..",
            "javax.net..",
            "com.fasterxml.."));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("modules")
  void aModuleUsesOnlyWhatItsLineNames(Module module) {
    String[] allowed =
        Stream.of(List.of(module.packages()), module.mayUse(), COMMON)
            .flatMap(List::stream)
            .toArray(String[]::new);
    classes()
        .that()
        .resideInAPackage(module.packages())
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(allowed))
        .because("its line in ModuleDirectionsTest names all it may use")
        .check(LIBRARIES);
  }

  @Test
  void everyLibraryPackageBelongsToAModuleOfTheList() {
    String[] known = modules().map(Module::packages).toArray(String[]::new);
    classes().should().resideInAnyPackage(known).check(LIBRARIES);
  }

  @Test
  void aForeignDependencyIsConvicted() {
    assertThatThrownBy(
            () ->
                classes()
                    .that()
                    .areAssignableTo(FabricException.class)
                    .should()
                    .onlyDependOnClassesThat(resideInAnyPackage("java.lang.."))
                    .check(LIBRARIES))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching(FABRIC + "(**)").should().beFreeOfCycles().check(LIBRARIES);
  }

  @Test
  void namesSayWhatMakesAClassDifferent() {
    noClasses()
        .should()
        .haveNameMatching(".*(Impl|Utils?|Helpers?|Manager|Base)")
        .orShould()
        .resideInAnyPackage("..util..", "..common..")
        .check(LIBRARIES);
  }

  @Test
  void librariesNeverPrint() {
    noClasses()
        .that()
        .doNotHaveSimpleName("KafkaLauncher") // the main of the broker's process; it prints its log
        .and()
        .doNotHaveSimpleName("DeadLettersCommand") // a command; printing is its answer
        .and()
        .doNotHaveSimpleName("ChaosProgram") // likewise
        .should(ACCESS_STANDARD_STREAMS)
        .check(LIBRARIES);
    NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(LIBRARIES);
  }

  @Test
  void errorsRaisedOnPurposeShareOneRoot() {
    classes()
        .that()
        .areAssignableTo(Exception.class)
        .and()
        .arePublic()
        .should()
        .beAssignableTo(FabricException.class)
        .check(LIBRARIES);
    assertThat(LIBRARIES.contain(FabricException.class)).isTrue();
  }

  private static String fabric(String module) {
    return FABRIC + module + "..";
  }
}
