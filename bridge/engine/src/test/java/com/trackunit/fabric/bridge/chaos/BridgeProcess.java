// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.trackunit.fabric.bridge.BridgeEngine;
import com.trackunit.fabric.bridge.Route;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.GuardedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A bridge in a JVM of its own, to be killed and frozen: ours, or one that makes mistakes. */
final class BridgeProcess implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final GuardedProcess.Builder program;
  private GuardedProcess process;

  /** Starts it. */
  BridgeProcess(String name, Class<?> main, Site site, Path folder) {
    this.program =
        GuardedProcess.builder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xmx160m",
                    "-Dlogback.configurationFile=com/trackunit/fabric/testkit/brokers/chaos/logback-chaos.xml",
                    "-Dfabric.chaos.log=" + folder.resolve(name + ".log"),
                    "-cp",
                    System.getProperty("java.class.path"),
                    main.getName(),
                    name))
            .name(name)
            .environment(site.environment())
            .outputFile(folder.resolve(name + ".out"));
    this.process = program.start();
  }

  void kill() {
    process.kill();
  }

  /** In an orderly way, as a deployment does. */
  void stop() {
    process.stop(GRACE);
  }

  void restart() {
    process.kill();
    process = program.start();
  }

  void freeze() {
    process.freeze();
  }

  void thaw() {
    process.thaw();
  }

  @Override
  public void close() {
    process.close();
  }

  /** Runs in the JVM of its own, until it is killed or told to leave. */
  public static void main(String[] arguments) throws InterruptedException {
    Site site = Site.ofEnvironment();
    RabbitMessaging rabbit = RabbitMessaging.open(site.settings(arguments[0]));
    BridgeEngine bridge =
        BridgeEngine.builder("chaos", rabbit, site.kafkaSettings())
            .route(Route.fromTopic(Site.DOWN).toExchange(Site.DOWN))
            .route(Route.fromQueue(Site.UP).toTopic(Site.UP))
            .route(Route.fromQueue(Site.ONCE).toTopic(Site.ONCE).effectivelyOnce())
            .build();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  bridge.close(Duration.ofSeconds(3));
                  rabbit.close(Duration.ofSeconds(1));
                }));
    bridge.start();
    Thread.currentThread().join(); // until it is told to leave
  }
}
