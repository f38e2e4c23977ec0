// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import com.trackunit.fabric.testkit.brokers.GuardedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A program in a JVM of its own, with the classpath of this one, to be killed and frozen. Its log
 * is {@code NAME.log} in the run's folder. Used by one thread.
 */
public final class ChaosJvm implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final String LOGBACK =
      "com/trackunit/fabric/testkit/brokers/chaos/logback-chaos.xml";

  private final GuardedProcess.Builder program;
  private GuardedProcess process;

  /**
   * Starts it.
   *
   * @param name also its first argument
   * @param main its class
   * @param environment where it finds its brokers
   * @param folder of the run; also its second argument
   */
  public ChaosJvm(String name, Class<?> main, Map<String, String> environment, Path folder) {
    this.program =
        GuardedProcess.builder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xmx160m",
                    "-Dlogback.configurationFile=" + LOGBACK,
                    "-Dfabric.chaos.log=" + folder.resolve(name + ".log"),
                    "-cp",
                    System.getProperty("java.class.path"),
                    main.getName(),
                    name,
                    folder.toString()))
            .name(name)
            .environment(environment)
            .outputFile(folder.resolve(name + ".out"));
    this.process = program.start();
  }

  /** At once, as a crash does. */
  public void kill() {
    process.kill();
  }

  /** In an orderly way, as a deployment does; after five seconds it is killed. */
  public void stop() {
    process.stop(GRACE);
  }

  /** Starts it again, after {@link #kill} or {@link #stop}, or instead of them. */
  public void restart() {
    process.kill();
    process = program.start();
  }

  /** Stops its time: its sockets stay open, nothing answers. */
  public void freeze() {
    process.freeze();
  }

  /** Lets it go on. */
  public void thaw() {
    process.thaw();
  }

  @Override
  public void close() {
    process.close();
  }
}
