// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void aPhotoThatIsNotThereIsRefusedBeforeAnythingStarts() {
    assertThat(run("--once", "none.jpg")).isEqualTo(2);
    assertRefused("there is no such file");
  }

  @Test
  void anEmptyFileIsRefusedBeforeAnythingStarts() throws IOException {
    Files.createFile(folder.resolve("empty.jpg"));
    assertThat(run("--once", "empty.jpg")).isEqualTo(2);
    assertRefused("the file is empty");
  }

  @Test
  void aTextNamedLikeAPhotoIsRefusedBeforeAnythingStarts() throws IOException {
    Files.writeString(folder.resolve("text.jpg"), "not a photo at all");
    assertThat(run("--once", "text.jpg")).isEqualTo(2);
    assertRefused("it is not an image");
  }

  @Test
  void unknownArgumentsAnswerWithTheUsage() {
    assertThat(run("--twice")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("usage: script/demo");
  }

  @Test
  void sendingWithoutARunningDemoSaysHowToStartOne() throws IOException {
    Files.write(folder.resolve("a.jpg"), new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, 0});
    assertThat(run("--send", "a.jpg")).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("start one with script/demo");
  }

  private int run(String... arguments) {
    return new DemoCommand(
            folder,
            folder,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(arguments);
  }

  private void assertRefused(String reason) {
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(reason);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(folder.resolve("target")).doesNotExist();
  }
}
