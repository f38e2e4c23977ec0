// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.trackunit.fabric.samples.contracts.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo that stays, as processes that users start, look into, kill and stop. */
@Tag("broker")
class StayingDemoTest {
  private static final Path ROOT = Path.of(System.getProperty("fabric.root"));
  private static final Pattern FILE = Pattern.compile("process ids are in (\\S+)");

  @TempDir Path folder;

  private final List<Process> demos = new ArrayList<>();
  private Path photo;

  @BeforeEach
  void writePhoto() throws IOException {
    photo = folder.resolve("excavator.jpg");
    try (InputStream in = DemoCommand.class.getResourceAsStream("/excavator.jpg")) {
      Files.copy(in, photo);
    }
  }

  @AfterEach
  void end() {
    demos.forEach(Process::destroyForcibly);
  }

  @Test
  void servesUsersUntilItEndsAndLeavesNothing() throws Exception {
    Process demo = startDemo("first");
    Path file = fileOf("first");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    FabricFile fabric = FabricFile.read(file);
    assertThat(fabric.graphqlHttp()).hasSize(2).doesNotHaveDuplicates();
    assertThat(fabric.graphqlWs()).hasSize(2).doesNotHaveDuplicates();
    assertThat(fabric.pids())
        .containsKeys("rabbitmq", "kafka", "graph-gateway-1", "graph-gateway-2")
        .containsKeys(Wire.Services.MESSAGING_BRIDGE, Wire.Services.ANALYSIS_ORCHESTRATOR)
        .hasSize(9)
        .allSatisfy((name, pid) -> assertThat(isAlive(pid)).as(name).isTrue());
    sendsThrough(file);

    long bridge = pid(file, Wire.Services.MESSAGING_BRIDGE);
    assertThat(ProcessHandle.of(bridge).orElseThrow().destroyForcibly()).isTrue();
    patience().until(() -> pid(file, Wire.Services.MESSAGING_BRIDGE) != bridge);
    sendsThrough(file);

    Process beside = startDemo("second");
    Path another = fileOf("second");
    assertThat(another).isNotEqualTo(file);
    Collection<Long> pids = FabricFile.read(file).pids().values();
    demo.destroyForcibly(); // kill -9: it has no time to stop anything
    patience().until(() -> pids.stream().noneMatch(StayingDemoTest::isAlive));
    sendsThrough(another);

    Collection<Long> pidsBeside = FabricFile.read(another).pids().values();
    beside.destroy(); // SIGTERM; Ctrl-C takes the same way
    patience().until(() -> !beside.isAlive());
    assertThat(pidsBeside).noneMatch(StayingDemoTest::isAlive);
    assertThat(another).doesNotExist();
  }

  @Test
  void endedWhileItStartsLeavesNothing() throws Exception {
    Process demo = startDemo("early");
    patience().until(() -> demo.toHandle().descendants().count() > 3);
    List<ProcessHandle> begun = demo.toHandle().descendants().toList();
    demo.destroy();
    patience().until(() -> !demo.isAlive());
    patience().until(() -> begun.stream().noneMatch(ProcessHandle::isAlive));
    assertThat(output("early")).doesNotContain("Running.");
  }

  private Process startDemo(String name) throws IOException {
    Process demo =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Dlogback.configurationFile=logback-demo.xml",
                "-Dfabric.root=" + ROOT,
                "-Dfabric.called-from=" + folder,
                DemoCommand.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name).toFile())
            .start();
    demos.add(demo);
    return demo;
  }

  private Path fileOf(String name) throws IOException {
    Process demo = demos.get(demos.size() - 1);
    patience().until(() -> FILE.matcher(output(name)).find() || !demo.isAlive());
    Matcher matcher = FILE.matcher(output(name));
    assertThat(matcher.find()).as(output(name)).isTrue();
    return Path.of(matcher.group(1));
  }

  private String output(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  /** Sends a photo as {@code script/demo --send} does, through the demo of the file. */
  private void sendsThrough(Path file) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream console = new PrintStream(out, true, StandardCharsets.UTF_8);
    int exit =
        new DemoCommand(ROOT, folder, console, console)
            .run(new String[] {"--send", photo.toString()});
    assertThat(exit).as(out.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains(file.toString(), "PASS");
  }

  private static long pid(Path file, String service) {
    return Objects.requireNonNull(FabricFile.read(file).pids().get(service));
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).isPresent();
  }

  private static ConditionFactory patience() {
    return await().atMost(Duration.ofMinutes(2));
  }
}
