// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.testkit.brokers.GuardedProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One service as a process of its own, started from its jar as a deployment starts it. It says
 * {@code READY ...} on standard output once it can do its work. One thread starts and stops it; any
 * may look at it.
 */
final class ServiceProcess implements AutoCloseable {
  private static final Duration READY_BOUND = Duration.ofSeconds(90);
  private static final Duration STOP_BOUND = Duration.ofSeconds(10);

  private final String name;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path output;
  private volatile long begin;
  private volatile GuardedProcess process;

  private ServiceProcess(
      String name, List<String> command, Map<String, String> environment, Path output) {
    this.name = name;
    this.command = command;
    this.environment = environment;
    this.output = output;
    this.process = launch();
  }

  /**
   * Starts a service without waiting for it.
   *
   * @param name its name, for messages and its log file
   * @param java the arguments of the {@code java} command
   * @param environment its settings, added to this process's environment
   * @param logFolder where {@code <name>.log} goes
   */
  static ServiceProcess start(
      String name, List<String> java, Map<String, String> environment, Path logFolder) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Short-lived processes on two cores: a fast start matters more than peak speed.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(java);
    return new ServiceProcess(name, command, environment, logFolder.resolve(name + ".log"));
  }

  String name() {
    return name;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Waits until the process says that it is ready.
   *
   * @throws DemoException if it ends before that, or does not say so in time
   */
  void awaitReady() {
    Deadline deadline = Deadline.after(READY_BOUND, Ticker.system());
    while (!hasSaidReady()) {
      if (!process.isAlive()) {
        throw new DemoException(name + " ended before it was ready; it said:\n" + tail());
      }
      if (deadline.hasPassed()) {
        throw new DemoException(
            name + " was not ready within " + READY_BOUND.toSeconds() + " s; it said:\n" + tail());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** Ends the process as {@code kill -9} does. */
  void kill() {
    process.kill();
  }

  /** Starts the process again, with the same settings, and waits until it is ready. */
  void restart() {
    process.close();
    process = launch();
    awaitReady();
  }

  /** Asks the process to end, and kills it if it does not. */
  @Override
  public void close() {
    process.stop(STOP_BOUND);
    process.close();
  }

  private GuardedProcess launch() {
    begin = output.toFile().length();
    return GuardedProcess.builder(command)
        .name(name)
        .environment(environment)
        .outputFile(output)
        .start();
  }

  private boolean hasSaidReady() {
    return output(begin).lines().anyMatch(line -> line.startsWith("READY "));
  }

  private String tail() {
    List<String> lines = output(begin).lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
  }

  /** What the process has written since it was launched last. */
  private String output(long from) {
    try (FileChannel file = FileChannel.open(output, StandardOpenOption.READ)) {
      InputStream rest = Channels.newInputStream(file.position(from));
      return new String(rest.readAllBytes(), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + output, e);
    }
  }
}
