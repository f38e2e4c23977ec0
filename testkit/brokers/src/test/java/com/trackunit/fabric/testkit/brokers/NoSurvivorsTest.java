// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes of another JVM, which is killed as kill -9 does. */
@Tag("broker")
class NoSurvivorsTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final String NOBODY = "65534";

  @ParameterizedTest
  @ValueSource(strings = {"rabbit", "kafka"})
  void noProcessOfANodeSurvivesItsJvm(String broker) throws Exception {
    Path folder;
    try (OtherJvm jvm = OtherJvm.start(broker)) {
      folder = Path.of(jvm.line());
      assertThat(Processes.mentioning(folder.toString())).isNotEmpty();
      jvm.kill();
      await().atMost(LONG).until(() -> Processes.mentioning(folder.toString()).isEmpty());
    }
    Folders.deleteTree(folder);
  }

  /** As root this needs a user who is not; as any other user, every test here is the proof. */
  @Test
  void rabbitNeedsNoRoot() throws Exception {
    boolean root = "root".equals(System.getProperty("user.name"));
    Path open = openFolder();
    List<String> prefix =
        root
            ? List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups")
            : List.of();
    try (OtherJvm jvm =
        OtherJvm.start(prefix, readableClasspath(open), open.toString(), "rabbit")) {
      Path folder = Path.of(jvm.line());
      List<Long> processes = Processes.mentioning(folder.toString());
      assertThat(processes).isNotEmpty();
      if (root) {
        assertThat(processes)
            .allSatisfy(
                pid ->
                    assertThat(Files.getAttribute(Path.of("/proc/" + pid), "unix:uid"))
                        .isEqualTo(Integer.valueOf(NOBODY)));
      }
      jvm.kill();
      await().atMost(LONG).until(() -> Processes.mentioning(folder.toString()).isEmpty());
    }
    Folders.deleteTree(open);
  }

  /** Where everyone may read and write, as the build's own folders need not allow. */
  private static Path openFolder() throws IOException {
    Path folder = Files.createTempDirectory(Path.of("/tmp"), "fabric-no-root-");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    return folder;
  }

  private static String readableClasspath(Path into) throws IOException {
    List<String> copies = new ArrayList<>();
    String[] entries = System.getProperty("java.class.path").split(File.pathSeparator, -1);
    for (int i = 0; i < entries.length; i++) {
      Path entry = Path.of(entries[i]);
      Path copy = into.resolve(i + "-" + entry.getFileName());
      copies.add(copy.toString());
      try (Stream<Path> files = Files.walk(entry)) {
        for (Path file : files.toList()) {
          Files.copy(file, copy.resolve(entry.relativize(file).toString()));
        }
      }
    }
    return String.join(File.pathSeparator, copies);
  }
}
