// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever Java a page shows stands in a test, or in a sample that a test runs. */
class ReadmesTest {
  private static final Path ROOT =
      Path.of(Objects.requireNonNull(System.getProperty("fabric.root")));
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private static final String TESTS =
      files(".java")
          .filter(ReadmesTest::runs)
          .map(file -> code(read(file)))
          .collect(Collectors.joining("\n"));

  record Block(Path page, String text) {
    @Override
    public String toString() {
      return page + ": " + text.lines().findFirst().orElse("empty");
    }
  }

  private static boolean runs(Path file) {
    Path inRepository = ROOT.relativize(file);
    return file.toString().contains("src/test/java") || inRepository.startsWith("samples");
  }

  static Stream<Block> blocks() {
    return files(".md").flatMap(ReadmesTest::blocks);
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void theLinesShownAreLinesOfATest(Block block) {
    String lines = code(block.text()).replaceAll("}+$", ""); // a test has more to do before it ends
    assertThat(TESTS.contains(lines))
        .as(
            "%s stands, but for white space and comments, in a test or a sample:%n%s",
            block.page(), block.text)
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "auth",
        "messaging",
        "bridge/engine",
        "ingestion",
        "portforward",
        "testkit/brokers",
        "testkit/entra"
      })
  void theFrontPageShowsWhatTheModuleShows(String module) {
    List<String> shown =
        blocks(ROOT.resolve(module).resolve("README.md")).map(Block::text).toList();
    assertThat(shown).isNotEmpty();
    assertThat(read(ROOT.resolve("README.md"))).contains(shown.get(0));
  }

  @Test
  void otherCodeIsFoundMissing() {
    assertThat(TESTS).contains(code("class   ReadmesTest { // a comment"));
    assertThat(TESTS).doesNotContain(code("class Readmes" + "Testament {"));
  }

  private static Stream<Block> blocks(Path page) {
    return BLOCK
        .matcher(read(page))
        .results()
        .map(match -> new Block(ROOT.relativize(page), match.group(1)));
  }

  private static Stream<Path> files(String ending) {
    List<Path> found = new ArrayList<>();
    SimpleFileVisitor<Path> collector =
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean ours = !Set.of("target", ".git").contains(folder.getFileName().toString());
            return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(ending)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        };
    try {
      Files.walkFileTree(ROOT, collector);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found.stream();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without comments, white space and the blocks that only close what the lines opened. */
  private static String code(String text) {
    return text.lines()
        .map(line -> line.replaceAll("(^|\\s)//.*", "").replaceAll("\\s", ""))
        .collect(Collectors.joining())
        .replaceAll("try\\(\\w+\\)\\{", "");
  }
}
