// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A {@link PeerProgram} seen from the benchmark; starts with its first run. Not thread-safe. */
final class PeerProcess implements Starter, AutoCloseable {
  private final Path folder;
  private final String program;
  private @Nullable Process process;

  /**
   * A peer that does not run yet.
   *
   * @param folder its module, built, with its class path in {@code target/classpath.txt}
   * @param program its main class
   */
  PeerProcess(Path folder, String program) {
    this.folder = folder;
    this.program = program;
  }

  @Override
  public AutoCloseable start(Site site, Flow flow) throws IOException {
    obey(site, PeerProgram.order(flow));
    return () -> obey(site, PeerProgram.STOP);
  }

  private void obey(Site site, String order) throws IOException {
    Process running = process;
    if (running == null || !running.isAlive()) {
      running = launch(site);
      process = running;
    }
    Writer orders = running.outputWriter(StandardCharsets.UTF_8);
    orders.write(order + "\n");
    orders.flush();
    BufferedReader answers = running.inputReader(StandardCharsets.UTF_8);
    String answer = answers.readLine();
    if (!PeerProgram.DONE.equals(answer)) {
      throw new IOException(program + ": " + (answer == null ? "has ended, see " + log() : answer));
    }
  }

  private Process launch(Site site) throws IOException {
    String classpath = Files.readString(folder.resolve("target/classpath.txt")).strip();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms1g",
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-cp",
                folder.resolve("target/classes") + File.pathSeparator + classpath,
                program));
    command.addAll(PeerProgram.site(site));
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log().toFile());
    builder.environment().put(PeerProgram.PASSWORD, site.password().reveal());
    return builder.start();
  }

  private Path log() {
    return folder.resolve("target/peer.log");
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
    }
  }
}
