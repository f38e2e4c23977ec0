// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A program, with all processes it starts, that cannot outlive this JVM: not after {@link #close},
 * not after an exit, not after {@code kill -9} of the JVM, and not while it is frozen.
 *
 * <p>A small shell script stands guard beside the program, in a session of its own, and reads a
 * pipe from this JVM. When the pipe ends, for whatever reason, it kills every process that carries
 * the program's mark in its environment, so daemons that left the process group are found too. The
 * program itself reads from {@code /dev/null}. When the program exits, what it left behind is
 * killed as well. Guarded processes nest: one that starts others takes them along.
 *
 * <p>Needs Linux ({@code /proc}) with {@code sh} and {@code setsid}, as every distribution has.
 * Thread-safe; no threads of its own. Whoever starts it closes it.
 */
public final class GuardedProcess implements AutoCloseable {
  private static final String MARK = "FABRIC_GUARD_";
  private static final Duration KILL_BOUND = Duration.ofSeconds(20);

  private final String name;
  private final Process guard;
  private final long pid;
  private final BufferedReader answers;
  private final Writer orders;

  /** Keeps an order and its answer together; held while the guard answers, for milliseconds. */
  private final Object pipe = new Object();

  private GuardedProcess(String name, Process guard) throws IOException {
    this.name = name;
    this.guard = guard;
    this.answers = guard.inputReader(StandardCharsets.UTF_8);
    this.orders = guard.outputWriter(StandardCharsets.UTF_8);
    String first = answers.readLine();
    if (first == null) {
      throw new IOException("the guard left before it had started the program");
    }
    this.pid = Long.parseLong(first);
  }

  /**
   * Describes a process.
   *
   * @param command the program and its arguments; the program is looked up in the PATH
   * @return what starts it
   * @throws IllegalArgumentException if the command is empty
   */
  public static Builder builder(String... command) {
    return builder(List.of(command));
  }

  /**
   * Describes a process.
   *
   * @param command the program and its arguments; the program is looked up in the PATH
   * @return what starts it
   * @throws IllegalArgumentException if the command is empty
   */
  public static Builder builder(List<String> command) {
    return new Builder(command);
  }

  /**
   * The process id of the program itself, not of its guard.
   *
   * @return the pid, also after the program has gone
   */
  public long pid() {
    return pid;
  }

  /**
   * What this process is called in messages.
   *
   * @return the name given to the builder, or that of the program
   */
  public String name() {
    return name;
  }

  /**
   * Whether the program runs; a frozen one does.
   *
   * @return false once it and all it started have gone
   */
  public boolean isAlive() {
    return guard.isAlive();
  }

  /**
   * Stops the time of the program and of all it started (SIGSTOP): sockets stay open, nothing
   * answers. On return all are stopped.
   *
   * @throws IllegalStateException if the program has gone
   */
  public void freeze() {
    order("freeze");
  }

  /**
   * Lets a frozen program go on (SIGCONT).
   *
   * @throws IllegalStateException if the program has gone
   */
  public void thaw() {
    order("thaw");
  }

  /**
   * Kills the program and all it started (SIGKILL), frozen or not, and waits until they have gone.
   *
   * @throws TestkitException if they have not gone after 20 seconds
   */
  public void kill() {
    try {
      orders.close();
    } catch (IOException e) {
      // The guard has gone already, which is what the end of the pipe would have told it.
    }
    if (waitForExit(KILL_BOUND).isEmpty()) {
      guard.destroyForcibly();
      throw new TestkitException(
          "kill " + this + ": still there after " + KILL_BOUND + ", expected it gone", null);
    }
  }

  /**
   * Asks the program to leave (SIGTERM, thawing it first), and kills it if it does not.
   *
   * @param grace how long it may take; zero kills at once
   * @return true if it left by itself
   * @throws TestkitException if it could not be killed
   */
  public boolean stop(Duration grace) {
    Objects.requireNonNull(grace, "grace");
    try {
      order("terminate");
      order("thaw");
    } catch (IllegalStateException gone) {
      return true;
    }
    boolean left = waitForExit(grace).isPresent();
    kill();
    return left;
  }

  /**
   * Waits until the program and all it started have gone. An interrupt ends the wait early and
   * stays set.
   *
   * @param timeout how long to wait at most
   * @return the program's exit status (128 and the signal's number if it was killed), or empty if
   *     it still runs
   */
  public OptionalInt waitForExit(Duration timeout) {
    try {
      if (guard.waitFor(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        return OptionalInt.of(guard.exitValue());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return OptionalInt.empty();
  }

  /** Does what {@link #kill} does; a second call does nothing. */
  @Override
  public void close() {
    kill();
  }

  @Override
  public String toString() {
    return name + " (pid " + pid + ")";
  }

  private void order(String order) {
    String answer;
    synchronized (pipe) {
      try {
        orders.write(order + "\n");
        orders.flush();
        answer = answers.readLine();
      } catch (IOException e) {
        answer = null;
      }
    }
    if (!order.equals(answer)) {
      throw new IllegalStateException(order + " " + this + ": the process has gone");
    }
  }

  /** The options of a {@link GuardedProcess}. Not thread-safe. */
  public static final class Builder {
    private final List<String> command;
    private final Map<String, String> environment = new HashMap<>();
    private boolean inheritEnvironment = true;
    private Path workingDirectory = Path.of("").toAbsolutePath();
    private Path outputFile = Path.of("/dev/null");
    private String name;

    private Builder(List<String> command) {
      this.command = List.copyOf(command);
      if (this.command.isEmpty()) {
        throw new IllegalArgumentException("command is empty, expected a program");
      }
      this.name = String.valueOf(Path.of(this.command.get(0)).getFileName());
    }

    /**
     * Adds variables to the program's environment.
     *
     * @param variables names and values; they replace inherited ones
     * @return this
     */
    public Builder environment(Map<String, String> variables) {
      environment.putAll(variables);
      return this;
    }

    /**
     * Whether the program sees this JVM's environment; it does by default. Otherwise it gets {@code
     * PATH} and what {@link #environment} gives.
     *
     * @param inherit false for a clean environment
     * @return this
     */
    public Builder inheritEnvironment(boolean inherit) {
      inheritEnvironment = inherit;
      return this;
    }

    /**
     * Where the program runs; by default where this JVM does.
     *
     * @param directory an existing directory
     * @return this
     * @throws IllegalArgumentException if it is no directory
     */
    public Builder workingDirectory(Path directory) {
      if (!Files.isDirectory(directory)) {
        throw new IllegalArgumentException(
            "workingDirectory is " + directory + ", expected an existing directory");
      }
      workingDirectory = directory.toAbsolutePath();
      return this;
    }

    /**
     * Where the program's standard output and error go; by default nowhere.
     *
     * @param file is appended to, and made if it does not exist
     * @return this
     */
    public Builder outputFile(Path file) {
      outputFile = file.toAbsolutePath();
      return this;
    }

    /**
     * What the process is called in messages; by default its program's file name.
     *
     * @param processName a short name
     * @return this
     */
    public Builder name(String processName) {
      name = Objects.requireNonNull(processName, "name");
      return this;
    }

    /**
     * Starts the program. A program that does not exist shows as exit status 127 and a line in the
     * output file.
     *
     * @return the running process
     * @throws ToolMissingException if this machine has no {@code setsid} or no {@code /proc}
     * @throws TestkitException if the guard could not be started
     */
    public GuardedProcess start() {
      if (!Files.isReadable(Path.of("/proc/self/environ"))) {
        throw new ToolMissingException("/proc", "cannot read it", "Run this on Linux.", null);
      }
      String mark = MARK + UUID.randomUUID().toString().replace("-", "");
      List<String> line =
          new ArrayList<>(List.of("setsid", "sh", "-c", Script.TEXT, "fabric-guard", mark));
      line.add(outputFile.toString());
      line.addAll(command);
      ProcessBuilder builder = new ProcessBuilder(line).directory(workingDirectory.toFile());
      builder.redirectError(ProcessBuilder.Redirect.appendTo(outputFile.toFile()));
      if (!inheritEnvironment) {
        // The marks of outer guards stay, or those would lose sight of this process.
        builder.environment().keySet().removeIf(k -> !k.equals("PATH") && !k.startsWith(MARK));
      }
      builder.environment().putAll(environment);
      Process guard;
      try {
        guard = builder.start();
      } catch (IOException e) {
        throw new ToolMissingException(
            "setsid", e.toString(), "Install it: apt-get install util-linux.", e);
      }
      try {
        return new GuardedProcess(name, guard);
      } catch (IOException e) {
        guard.destroyForcibly();
        throw new TestkitException("start " + name + ": " + e.getMessage(), e);
      }
    }
  }

  /** The guard's script, read once. */
  private static final class Script {
    static final String TEXT = read();

    private static String read() {
      try (InputStream in = GuardedProcess.class.getResourceAsStream("guard.sh")) {
        return new String(
            Objects.requireNonNull(in, "guard.sh is not on the classpath").readAllBytes(),
            StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new TestkitException("read guard.sh: " + e.getMessage(), e);
      }
    }
  }
}
