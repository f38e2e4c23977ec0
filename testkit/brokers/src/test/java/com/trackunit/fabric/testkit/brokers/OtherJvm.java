// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A second JVM that starts something guarded, tells about it in one line, and then only waits. */
final class OtherJvm implements AutoCloseable {
  private static final String TELLING = "telling: ";

  private final Process process;
  private final String line;

  private OtherJvm(Process process) throws IOException {
    this.process = process;
    BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
    this.line =
        reader
            .lines()
            .filter(text -> text.startsWith(TELLING))
            .findFirst()
            .orElseThrow(() -> new IOException("the other JVM left without a word"))
            .substring(TELLING.length());
  }

  /** Starts it; what it is to do comes last. */
  static OtherJvm start(String what) throws IOException {
    return start(
        List.of(),
        System.getProperty("java.class.path"),
        System.getProperty("java.io.tmpdir"),
        what);
  }

  static OtherJvm start(List<String> prefix, String classpath, String tmp, String what)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + tmp, "-cp", classpath));
    command.addAll(List.of(OtherJvm.class.getName(), what));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    return new OtherJvm(builder.start());
  }

  /** What it told. */
  String line() {
    return line;
  }

  /** Kills it as kill -9 does. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    kill();
  }

  /** Runs in the other JVM. */
  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case "rabbit" -> tell(RabbitMqNode.start().dataFolder());
      case "kafka" -> tell(KafkaNode.start().dataFolder());
      case "frozen" -> {
        GuardedProcess sleeper =
            GuardedProcess.builder("sh", "-c", "setsid sleep 1000 & exec sleep 1000").start();
        sleeper.freeze();
        tell(sleeper.pid());
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
    while (System.in.read() >= 0) {
      // The test kills this JVM; it ends by itself only with the test's.
    }
    System.exit(0);
  }

  private static void tell(Object what) {
    System.out.println(TELLING + what);
    System.out.flush();
  }
}
