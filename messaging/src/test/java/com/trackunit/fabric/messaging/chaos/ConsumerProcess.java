// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.chaos;

import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.RabbitMessaging;
import com.trackunit.fabric.testkit.brokers.GuardedProcess;
import com.trackunit.fabric.testkit.brokers.chaos.SightingFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Consumers in a JVM of their own, to be killed and frozen: an ordered one, a competing one, and
 * one with automatic acks.
 */
final class ConsumerProcess implements AutoCloseable {
  private final GuardedProcess.Builder program;
  private GuardedProcess process;

  /** Starts it. */
  ConsumerProcess(String name, Site site, Path folder) {
    this.program =
        GuardedProcess.builder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xmx128m",
                    "-Dlogback.configurationFile=com/trackunit/fabric/testkit/brokers/chaos/logback-chaos.xml",
                    "-Dfabric.chaos.log=" + folder.resolve(name + ".log"),
                    "-cp",
                    System.getProperty("java.class.path"),
                    ConsumerProcess.class.getName(),
                    name,
                    folder.toString()))
            .name(name)
            .environment(site.environment())
            .outputFile(folder.resolve(name + ".out"));
    this.process = program.start();
  }

  void kill() {
    process.kill();
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

  static Path sightings(Path folder, String queue) {
    return folder.resolve(queue + ".seen");
  }

  static long sequence(byte[] body) {
    return Long.parseLong(new String(body, StandardCharsets.US_ASCII).trim());
  }

  /** Runs in the JVM of its own, until it is killed. */
  public static void main(String[] arguments) throws Exception {
    Site site = Site.ofEnvironment();
    Path folder = Path.of(arguments[1]);
    SightingFile.Writer ordered = new SightingFile.Writer(sightings(folder, Site.ORDERED));
    SightingFile.Writer competing = new SightingFile.Writer(sightings(folder, Site.COMPETING));
    SightingFile.Writer autoAck = new SightingFile.Writer(sightings(folder, Site.AUTO_ACK));
    RabbitMessaging rabbit = RabbitMessaging.open(site.settings(arguments[0]));
    var lanes =
        rabbit
            .consumer(Site.ORDERED)
            .prefetch(100)
            .concurrency(4)
            .orderedBy(Delivery::routingKey)
            .start(delivery -> seeAndAck(delivery, ordered));
    var competitor =
        rabbit
            .consumer(Site.COMPETING)
            .prefetch(50)
            .concurrency(2)
            .start(delivery -> seeAndAck(delivery, competing));
    NaiveConsumer naive = new NaiveConsumer(site, autoAck);
    Thread.currentThread().join(); // until it is killed
    throw new AssertionError("nobody ends " + List.of(lanes, competitor, naive));
  }

  /** In this order: what was seen is in the file before the broker may forget it. */
  private static void seeAndAck(Delivery delivery, SightingFile.Writer file) {
    file.seen(
        delivery.messageId().orElse("none"), delivery.routingKey(), sequence(delivery.body()));
    var unused = delivery.ack();
  }
}
