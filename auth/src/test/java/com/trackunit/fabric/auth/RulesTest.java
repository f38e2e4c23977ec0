// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.testkit.entra.Attack;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** The pages about auth say what is so: no test that is not there, no method that is missing. */
class RulesTest {
  private static final Path ROOT =
      Path.of(Objects.requireNonNull(System.getProperty("fabric.root")));
  private static final Pattern NAME = Pattern.compile("`(\\w+)\\.(\\w+)`");

  @Test
  void eachTestThatARuleNamesExists() throws IOException {
    List<String> missing =
        NAME.matcher(page("auth/RULES.md"))
            .results()
            .filter(name -> !exists(name.group(1), name.group(2)))
            .map(name -> name.group())
            .toList();
    assertThat(missing).isEmpty();
  }

  @Test
  void noAttackIsLeftOut() throws IOException {
    String rules = page("auth/RULES.md");
    assertThat(Attack.values()).allMatch(it -> rules.contains("`Attack." + it.name() + "`"));
  }

  @Test
  void anInventedTestIsFoundMissing() {
    assertThat(exists("RulesTest", "anInventedTestIsFoundMissing")).isTrue();
    assertThat(exists("RulesTest", "exists")).isFalse();
    assertThat(exists("Attack", "TELEPATHY")).isFalse();
  }

  @Test
  void theWholePublicApiStandsOnOnePageOfTheGuide() throws IOException {
    String guide = page("docs/guides/auth.md");
    String page = guide.substring(guide.indexOf("## The whole API"));
    page = page.substring(0, page.indexOf("\n## ", 1));
    Set<String> words = Pattern.compile("\\W+").splitAsStream(page).collect(Collectors.toSet());

    assertThat(publicNames()).isNotEmpty();
    assertThat(words).containsAll(publicNames());
    assertThat(page.lines()).hasSizeLessThan(60);
  }

  private static boolean exists(String type, String member) {
    if (type.equals("Attack")) {
      return Arrays.stream(Attack.values()).anyMatch(it -> it.name().equals(member));
    }
    try {
      return Arrays.stream(type(type).getDeclaredMethods())
          .filter(it -> it.getName().equals(member))
          .anyMatch(RulesTest::isTest);
    } catch (IllegalStateException noSuchTest) {
      return false;
    }
  }

  private static boolean isTest(Method method) {
    return method.isAnnotationPresent(Test.class)
        || method.isAnnotationPresent(ParameterizedTest.class);
  }

  /** Every public type of the module's own package, and what can be called on it. */
  private static Set<String> publicNames() throws IOException {
    Path classes = ROOT.resolve("auth/target/classes/com/trackunit/fabric/auth");
    try (Stream<Path> files = Files.list(classes)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
          .map(name -> name.substring(0, name.length() - ".class".length()))
          .map(RulesTest::type)
          .filter(type -> Modifier.isPublic(type.getModifiers()))
          .flatMap(RulesTest::names)
          .collect(Collectors.toSet());
    }
  }

  private static Class<?> type(String name) {
    try {
      boolean asIs = false; // its static fields may start a provider
      return Class.forName(
          RulesTest.class.getPackageName() + "." + name, asIs, RulesTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Stream<String> names(Class<?> type) {
    Set<String> everybodys =
        Set.of("equals", "hashCode", "toString", "values", "valueOf", "fillInStackTrace");
    Stream<String> methods =
        Arrays.stream(type.getDeclaredMethods())
            .filter(it -> Modifier.isPublic(it.getModifiers()) && !it.isSynthetic())
            .map(Method::getName)
            .filter(it -> !everybodys.contains(it));
    boolean isBuilder = type.getSimpleName().endsWith("Builder"); // one writes its methods alone
    return isBuilder ? methods : Stream.concat(Stream.of(type.getSimpleName()), methods);
  }

  private static String page(String path) throws IOException {
    return Files.readString(ROOT.resolve(path));
  }
}
