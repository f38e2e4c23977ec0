// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A short run of each fuzz target; {@code script/fuzz auth} runs them for as long as one likes.
 * What such a run finds is put beside the others in {@code src/test/fuzz} and stays found.
 */
@Timeout(300)
class FuzzTest {
  private static final Path MODULE =
      Path.of(Objects.requireNonNull(System.getProperty("fabric.root")), "auth");

  @TempDir private Path folder;

  @Test
  void jazzerFindsNothingInAShortRun() throws Exception {
    String log = run(TokenFuzz.class, 1_000);

    assertThat(log).contains("Done 1000 runs").doesNotContain("Java Exception");
  }

  @Test
  void jazzerFindsAFlawWhereThereIsOne() throws Exception {
    assertThat(run(FlawedFuzz.class, 1_000_000)).contains("Java Exception").contains("the flaw");
  }

  @Test
  void whatAFuzzerFoundOnceStaysFound() throws IOException {
    try (Stream<Path> found = Files.walk(MODULE.resolve("src/test/fuzz"))) {
      List<Path> inputs = found.filter(Files::isRegularFile).toList();
      assertThat(inputs).isNotEmpty();
      for (Path input : inputs) {
        TokenFuzz.fuzzerTestOneInput(Files.readAllBytes(input));
        KeySetFuzz.fuzzerTestOneInput(Files.readAllBytes(input));
      }
    }
  }

  @Test
  void randomInputsFindNothingEither() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 1_500; i++) {
      byte[] input = new byte[2 + random.nextInt(60)];
      random.nextBytes(input);
      try {
        TokenFuzz.fuzzerTestOneInput(input);
        KeySetFuzz.fuzzerTestOneInput(input);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + seed + ", input " + i, e);
      }
    }
  }

  /** One Jazzer process over its own corpus, the seeds and what was found before. */
  private String run(Class<?> target, int runs) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path")));
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + target.getName());
    command.add("--instrumentation_includes=com.trackunit.fabric.auth.**");
    // Without this it instruments every class there is, which takes longer than the run.
    command.add("--custom_hook_includes=com.trackunit.fabric.auth.**");
    command.add("--reproducer_path=" + folder);
    command.addAll(List.of("-runs=" + runs, "-seed=1", "-max_len=4096", "-timeout=120"));
    command.add("-artifact_prefix=" + folder + "/");
    command.add(Files.createDirectories(folder.resolve("corpus")).toString());
    command.add(MODULE.resolve("src/test/fuzz").toString());
    Path log = folder.resolve("log");
    Process jazzer =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      jazzer.waitFor();
      return Files.readString(log, StandardCharsets.UTF_8);
    } finally {
      jazzer.destroyForcibly();
    }
  }
}
